// SPDX-License-Identifier: Apache-2.0
// Signing up in four steps: who you are, your key, two ways to unlock (one tried at once), done.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Router, RouterLink } from '@angular/router';
import { FaultNote } from '../ui/fault';
import { Qr } from '../ui/qr';
import { Person } from '../state/person';
import { core, type Identity, type Profile, type Role, type Wallet, type WalletSigner, type Way } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { save } from '../ui/save';

const MIN_PASSPHRASE = 12;

@Component({
  imports: [FormsModule, RouterLink, FaultNote, Qr],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="door">
      <p class="brand"><img src="icon.svg" width="28" height="28" alt=""><span i18n>Health record</span></p>
      <ol class="steps" aria-label="Steps" i18n-aria-label>
        @for (s of stepNames; track s; let i = $index) {
          <li [class.done]="i < step()" [class.now]="i === step()" [attr.aria-current]="i === step() ? 'step' : null">{{ s }}</li>
        }
      </ol>
      <ehr-fault [fault]="fault()" />

      @switch (step()) {
        @case (0) {
          <form class="stack" (ngSubmit)="makeKey()">
            <h1 i18n>Who are you?</h1>
            <div class="field">
              <label for="name" i18n>Your name</label>
              <input id="name" name="name" autocomplete="name" required maxlength="100" [(ngModel)]="name">
              <p class="hint" i18n>As the people you deal with know you. Only registered people of this service see it.</p>
            </div>
            <div class="field">
              <label for="role" i18n>You are</label>
              <select id="role" name="role" [(ngModel)]="role"><option value="patient" i18n>a patient</option><option value="practitioner" i18n>a physician or nurse</option><option value="organisation" i18n>an organisation</option></select>
            </div>
            <fieldset class="field">
              <legend i18n>Where is your account kept?</legend>
              <label class="choice"><input type="radio" name="kind" value="page" [(ngModel)]="kind"> <span i18n>On this device (simplest)</span></label>
              @for (w of wallets(); track w.uuid) {
                <label class="choice"><input type="radio" name="kind" [value]="w.uuid" [(ngModel)]="kind"> <span i18n>In my wallet: {{ w.name }}</span></label>
              }
            </fieldset>
            @if (kind() !== 'page') {
              <label class="choice"><input type="checkbox" name="each" [(ngModel)]="walletMode"> <span i18n>Let the wallet confirm every single step</span></label>
              @if (walletMode()) {
                <p class="note warn" i18n>Then the public ledger shows which account shares with which: everybody could see who your physicians are, though never what is in your record. Without this, only the node that serves you can see it.</p>
              }
            }
            <button class="button primary wide" type="submit" [disabled]="!name().trim() || !!working()" i18n>Continue</button>
            <a class="button quiet" routerLink="/sign-in" i18n>I have an account</a>
          </form>
        }
        @case (1) {
          <div class="stack">
            <h1 i18n>Your key is made</h1>
            <p i18n>A key was made on this device. It opens your record, and only it. It never leaves the device unlocked, and nobody can make it again for you.</p>
            <p i18n>That is why you now choose two ways to unlock it: one for every day, one for the day you lose the first.</p>
            <button class="button primary wide" type="button" (click)="step.set(2)" i18n>Continue</button>
          </div>
        }
        @case (2) {
          @if (!trying()) {
            <form class="stack" (ngSubmit)="setWays()">
              <h1 i18n>Two ways to unlock</h1>
              <div class="field">
                <label for="p1" i18n>1. Passphrase</label>
                <input id="p1" name="p1" type="password" autocomplete="new-password" [(ngModel)]="pass" aria-describedby="p1-hint">
                <p class="hint" id="p1-hint" i18n>At least {{ min }} characters: four or five words that do not belong together are good.</p>
              </div>
              <section class="card stack-s" aria-labelledby="rc">
                <h2 id="rc" i18n>2. Recovery code</h2>
                <p class="small" i18n>Print it or write it down and keep it apart from this device. Whoever has it can open your record.</p>
                <p class="mono recovery">@for (g of recovery()?.groups ?? []; track $index) { <span>{{ g }}</span> }</p>
                <ehr-qr [text]="recovery()?.text ?? ''" label="Recovery code as QR code" i18n-label />
                <div class="row no-print"><button type="button" class="button" (click)="print()" i18n>Print</button></div>
                <label class="choice"><input type="checkbox" name="kept" [(ngModel)]="kept"> <span i18n>I have printed it or written it down</span></label>
              </section>
              @if (canPasskey()) {
                <label class="choice"><input type="checkbox" name="pk" [(ngModel)]="wantPasskey"> <span i18n>Also unlock with this device (fingerprint, face or PIN)</span></label>
              }
              @if (working()) { <p role="status" class="soft">{{ working() }}</p> }
              <button class="button primary wide" type="submit" [disabled]="pass().length < min || !kept() || !!working()" i18n>Continue</button>
            </form>
          } @else {
            <form class="stack" (ngSubmit)="tryWay()">
              <h1 i18n>Try it once</h1>
              <p i18n>Enter the passphrase again, so that you know that it opens your record.</p>
              <div class="field">
                <label for="again" i18n>Passphrase</label>
                <input id="again" name="again" type="password" autocomplete="current-password" [(ngModel)]="again">
              </div>
              @if (working()) { <p role="status" class="soft">{{ working() }}</p> }
              <button class="button primary wide" type="submit" [disabled]="!again() || !!working()" i18n>Try</button>
              <button class="button quiet" type="button" (click)="trying.set(false)" i18n>Choose another passphrase</button>
            </form>
          }
        }
        @case (3) {
          <div class="stack">
            <h1 i18n>Done</h1>
            <p class="note good" i18n>Your key is made and two ways to unlock it work.</p>
            <p i18n>You may keep a copy of your key file. It is useless without your passphrase.</p>
            <button class="button" type="button" (click)="saveFile()" i18n>Save the key file</button>
            @if (working()) { <p role="status" class="soft">{{ working() }}</p> }
            <button class="button primary wide" type="button" [disabled]="!!working()" (click)="finish()" i18n>Ask to be registered</button>
          </div>
        }
      }
    </div>
  `,
  styles: `.recovery { display: flex; flex-wrap: wrap; gap: 4px 12px; font-size: 1rem; }`,
})
export class SignUpPage {
  private readonly person = inject(Person);
  private readonly router = inject(Router);
  protected readonly min = MIN_PASSPHRASE;
  protected readonly stepNames = [$localize`Who you are`, $localize`Your key`, $localize`Two ways`, $localize`Done`];
  protected readonly step = signal(0);
  protected readonly trying = signal(false);
  protected readonly name = signal('');
  protected readonly role = signal<Role>('patient');
  protected readonly kind = signal('page');
  protected readonly walletMode = signal(false);
  protected readonly pass = signal('');
  protected readonly again = signal('');
  protected readonly kept = signal(false);
  protected readonly wantPasskey = signal(false);
  protected readonly canPasskey = signal(false);
  protected readonly working = signal('');
  protected readonly fault = signal<Fault | null>(null);
  protected readonly wallets = signal<Wallet[]>([]);
  private readonly identity = signal<Identity | null>(null);
  protected readonly recovery = signal<{ text: string; groups: string[]; way: Way } | null>(null);
  private signer: WalletSigner | undefined;
  private ways: Way[] = [];
  private readonly wallet = computed(() => this.wallets().find((w) => w.uuid === this.kind()));

  constructor() {
    void core().then(async (c) => {
      c.discoverWallets((w) => this.wallets.update((all) => (all.some((x) => x.uuid === w.uuid) ? all : [...all, w])));
      this.canPasskey.set(await c.identities().passkeysSupported());
    });
  }
  private async step_(text: string, work: () => Promise<void>): Promise<void> {
    this.fault.set(null);
    this.working.set(text);
    try {
      await work();
    } catch (e) {
      this.fault.set(faultOf(e));
    } finally {
      this.working.set('');
    }
  }

  protected makeKey(): Promise<void> {
    return this.step_($localize`Making your key…`, async () => {
      const c = await core();
      const node = await this.person.connect();
      const wallet = this.wallet();
      if (wallet) {
        this.signer = await c.connectWallet(wallet, node.info, `${location.origin}/rpc`);
        if ((await node.account(this.signer.address)).keyCardHash) throw Object.assign(new Error('the account of the wallet has a key card: it was signed up before'), { code: 'E_OTHER_IDENTITY' });
      }
      const identity = await c.identities().create(node.info, wallet ? 'wallet' : 'page');
      this.identity.set(identity);
      this.recovery.set(c.identities().recoveryCode(identity));
      this.step.set(1);
    });
  }
  protected setWays(): Promise<void> {
    return this.step_($localize`Sealing your key…`, async () => {
      const ids = (await core()).identities();
      const identity = this.identity()!;
      this.ways = [await ids.addPassphrase(identity, 'passphrase', this.pass()), this.recovery()!.way];
      if (this.wantPasskey()) this.ways.push(await ids.addPasskey(identity, $localize`this device`, this.name().trim()));
      this.again.set('');
      this.trying.set(true);
    });
  }
  protected tryWay(): Promise<void> {
    return this.step_($localize`Trying…`, async () => {
      const ids = (await core()).identities();
      const file = this.ways[0]?.file;
      if (!file) return;
      const opened = await ids.unlockPassphrase(file, this.again());
      const same = ids.isSame(opened, this.identity()!);
      opened.lock();
      if (!same) throw Object.assign(new Error('another identity'), { code: 'E_PASSPHRASE' });
      this.pass.set('');
      this.again.set('');
      this.step.set(3);
    });
  }
  protected finish(): Promise<void> {
    return this.step_($localize`Signing in…`, async () => {
      const c = await core();
      const node = await this.person.connect();
      const identity = this.identity()!;
      const account = this.signer?.address ?? c.identities().accountOf(identity)!;
      const profile: Profile = {
        account, accountKind: this.signer ? 'wallet' : 'page', walletRdns: this.wallet()?.rdns, chainId: String(node.info.chainId), proxy: node.info.proxy,
        label: this.name().trim(), mode: this.walletMode() || !node.info.relationship ? 'wallet' : 'relationship', ways: this.ways,
      };
      await c.profileStore().put(profile);
      localStorage.setItem('ehrd.last', account);
      try {
        await this.person.enter(identity, profile, this.signer);
      } catch (e) {
        if (identity.isLocked) await this.router.navigateByUrl('/sign-in'); // the device knows the profile by now
        throw e;
      }
      if (this.person.facts()?.status === 'none') await this.person.need().askRegistration({ name: profile.label, role: this.role() });
      await this.router.navigateByUrl('/waiting');
    });
  }
  protected saveFile(): void {
    const file = this.ways[0]?.file;
    if (file) save(new Blob([file as BlobPart]), 'health-record-key.age');
  }
  protected print(): void {
    print();
  }
}
