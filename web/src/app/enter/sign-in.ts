// SPDX-License-Identifier: Apache-2.0
// Signing in: a person known to this device, a demo person, or one who brings key file, recovery code or wallet.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { RouterLink } from '@angular/router';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { Person } from '../state/person';
import { codeOf, core, type Identity, type Profile, type Signer, type Wallet, type WalletSigner, type Way } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { demoPeople, fromBase64, type DemoPerson } from './demo';

/** Administrators of the command line have their account in a Web3 Secret Storage file, which is JSON. */
const isAccountFile = (bytes: Uint8Array): boolean => bytes[0] === 0x7b;

type How = 'device' | 'demo' | 'file' | 'code';
interface Unlocked { identity: Identity; profile: Profile | null; signer?: Signer; }

@Component({
  imports: [FormsModule, RouterLink, FaultNote, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="door">
      <p class="brand"><img src="icon.svg" width="28" height="28" alt=""><span i18n>Health record</span></p>
      <h1 i18n>Sign in</h1>
      @if (person.wasLocked()) { <p class="note"><b i18n>Locked.</b> <span i18n>Your place is kept; sign in to go on.</span></p> }
      @if (person.wasForgotten()) { <p class="note" role="status" i18n>This device does not remember you any more. You need your recovery code or key file to sign in here again.</p> }
      <ehr-fault [fault]="fault()">
        @if (isOtherAuthority()) { <button type="button" class="button danger" (click)="trustAuthority()" i18n>I asked: trust the new one</button> }
      </ehr-fault>

      @if (!how()) { <div class="stack" aria-hidden="true"><span class="skeleton field-tall"></span><span class="skeleton field-tall"></span></div> } @else {
      <form class="stack" (ngSubmit)="submit()">
        @if (profiles().length && how() === 'device') {
          <fieldset class="field">
            <legend i18n>Who are you?</legend>
            @for (p of profiles(); track p.account) {
              <label class="choice"><input type="radio" name="who" [value]="p.account" [(ngModel)]="who"> {{ p.label }}</label>
            }
          </fieldset>
        }
        @if (how() === 'demo') {
          <div class="field">
            <label for="demo" i18n>Person of the demo</label>
            <select id="demo" name="demo" [(ngModel)]="demoWho">
              @for (p of demo(); track p.account) { <option [value]="p.account">{{ p.name }} ({{ roleWord(p.role) }})</option> }
            </select>
            <p class="hint" i18n>Their passphrases were printed where the demo was started.</p>
          </div>
        }
        @if (how() === 'file') {
          <div class="field">
            <label for="file" i18n>Key file</label>
            <input id="file" type="file" accept=".age,.json" (change)="file.set($any($event.target).files[0] ?? null)">
            <p class="hint" i18n>The file that you saved when you signed up, or an administrator's account file. It is opened on this device only.</p>
          </div>
          @if (wallets().length) { <label class="choice"><input type="checkbox" name="inwallet" [(ngModel)]="inWallet"> <span i18n>My account is in my wallet</span></label> }
        }
        @if (how() === 'code') {
          <div class="field">
            <label for="code" i18n>Recovery code</label>
            <textarea id="code" name="code" autocapitalize="characters" autocomplete="off" spellcheck="false" class="mono" [(ngModel)]="code"></textarea>
            <p class="hint" i18n>81 letters and digits from your printed sheet; spaces do not matter.</p>
          </div>
        }
        @if (how() !== 'code' && !isPasskeyOnly()) {
          <div class="field">
            <label for="pass" i18n>Passphrase</label>
            <input id="pass" name="pass" type="password" autocomplete="current-password" [(ngModel)]="pass">
          </div>
        }
        @if (working()) {
          <div class="row between">
            <p role="status" class="soft">{{ working() }}</p>
            @if (stop(); as s) { <button type="button" class="button quiet" (click)="s.abort()" i18n>Cancel</button> }
          </div>
        }
        @if (stop()) { <progress class="wide" max="1" [value]="part()" i18n-aria-label aria-label="Unlocking"></progress> }
        <div class="stack-s">
          @if (!isPasskeyOnly()) { <button type="submit" class="button primary wide" [disabled]="!!working()" i18n>Unlock</button> }
          @if (passkey()) {
            <button type="button" class="button wide" [disabled]="!!working()" (click)="usePasskey()"><ehr-icon name="key" /><span i18n>Use this device's passkey</span></button>
          }
        </div>
      </form>

      <section class="stack-s" aria-labelledby="other">
        <h2 id="other" class="small soft" i18n>Other ways</h2>
        <div class="row">
          @if (profiles().length && how() !== 'device') { <button type="button" class="button quiet" (click)="choose('device')" i18n>Someone of this device</button> }
          @if (demo().length && how() !== 'demo') { <button type="button" class="button quiet" (click)="choose('demo')" i18n>Someone of the demo</button> }
          @if (how() !== 'code') { <button type="button" class="button quiet" (click)="choose('code')" i18n>Recovery code</button> }
          @if (how() !== 'file') { <button type="button" class="button quiet" (click)="choose('file')" i18n>Key file</button> }
          <a class="button quiet" routerLink="/sign-up" i18n>I am new here</a>
        </div>
      </section>
      }
    </div>
  `,
  styles: `.field-tall { height: 76px; }`,
})
export class SignInPage {
  protected readonly person = inject(Person);
  protected readonly profiles = signal<Profile[]>([]);
  protected readonly demo = signal<DemoPerson[]>([]);
  /** Null until it is known who may sign in here: nothing jumps then. */
  protected readonly how = signal<How | null>(null);
  protected readonly who = signal('');
  protected readonly demoWho = signal('');
  protected readonly file = signal<File | null>(null);
  protected readonly code = signal('');
  protected readonly pass = signal('');
  protected readonly working = signal('');
  protected readonly fault = signal<Fault | null>(null);
  protected readonly isOtherAuthority = signal(false);
  protected readonly stop = signal<AbortController | null>(null);
  protected readonly part = signal(0);
  private readonly profile = computed(() => this.profiles().find((p) => p.account === this.who()) ?? null);
  protected readonly passkey = computed<Way | null>(() => (this.how() === 'device' && this.profile()?.ways.find((w) => w.kind === 'passkey')) || null);
  protected readonly isPasskeyOnly = computed(() => this.how() === 'device' && !!this.profile() && !this.profile()?.ways.some((w) => w.kind === 'passphrase'));
  protected readonly wallets = signal<Wallet[]>([]);
  /** A key file does not tell where its account is. */
  protected readonly inWallet = signal(false);

  constructor() {
    void this.load();
  }
  private async load(): Promise<void> {
    const [c, demo] = await Promise.all([core(), demoPeople()]);
    this.demo.set(demo);
    this.demoWho.set(demo[0]?.account ?? '');
    try {
      c.discoverWallets((w) => this.wallets.update((all) => [...all, w]));
      await this.person.connect();
      const all = await c.profileStore().list();
      const here = all.filter((p) => p.proxy === this.person.node()?.info.proxy);
      this.profiles.set(here);
      const last = localStorage.getItem('ehrd.last');
      this.who.set(here.find((p) => p.account === last)?.account ?? here[0]?.account ?? '');
      this.how.set(here.length ? 'device' : demo.length ? 'demo' : 'code');
    } catch (e) {
      this.how.set('code');
      this.fault.set(faultOf(e));
    }
  }
  protected choose(how: How): void {
    this.how.set(how);
    this.fault.set(null);
  }
  protected roleWord(role: string): string {
    return role === 'patient' ? $localize`patient` : role === 'administrator' ? $localize`administrator` : $localize`physician`;
  }

  protected submit(): Promise<void> {
    return this.unlocking(async () => {
      const c = await core();
      const ids = c.identities();
      if (this.how() === 'code') return { identity: await ids.unlockRecovery(this.code(), (await this.person.connect()).info), profile: null };
      const [bytes, profile] = await this.keyFile();
      if (isAccountFile(bytes)) return this.administrator(bytes);
      return { identity: await ids.unlockPassphrase(bytes, this.pass(), { accountKind: profile?.accountKind ?? (this.how() === 'file' && this.inWallet() ? 'wallet' : 'page'), ...this.patience() }), profile };
    });
  }
  protected usePasskey(): Promise<void> {
    return this.unlocking(async () => ({ identity: await (await core()).identities().unlockPasskey(this.passkey()!, this.profile()?.accountKind), profile: this.profile() }));
  }
  /** Such a file opens no record, so it lets nobody in but registrars, whose work needs none. */
  private async administrator(file: Uint8Array): Promise<Unlocked> {
    const c = await core();
    const node = await this.person.connect();
    const signer = await c.unlockKeyFile(file, this.pass(), this.patience());
    if (!(await node.account(signer.address)).isRegistrar) throw Object.assign(new Error('the account of this file is no administrator here'), { code: 'E_FORBIDDEN' });
    return { identity: await c.identities().create(node.info, 'wallet'), profile: null, signer };
  }
  private async keyFile(): Promise<[Uint8Array, Profile | null]> {
    const missing = (text: string): never => {
      throw Object.assign(new Error(text), { code: 'E_SYNTAX' });
    };
    if (this.how() === 'file') {
      const f = this.file() ?? missing('no file chosen');
      if (f.size > 65536) missing('this is no key file');
      return [new Uint8Array(await f.arrayBuffer()), null];
    }
    if (this.how() === 'demo') {
      const p = this.demo().find((d) => d.account === this.demoWho()) ?? missing('nobody chosen');
      return [fromBase64(p.file), null];
    }
    const way = this.profile()?.ways.find((w) => w.kind === 'passphrase');
    return [way?.file ?? missing('no passphrase on this device'), this.profile()];
  }

  private async unlocking(unlock: () => Promise<Unlocked>): Promise<void> {
    this.fault.set(null);
    this.isOtherAuthority.set(false);
    this.working.set($localize`Unlocking…`);
    let got: Unlocked | null = null;
    try {
      const { identity, profile, signer: own } = (got = await unlock());
      this.stop.set(null);
      this.pass.set('');
      this.code.set('');
      this.working.set($localize`Opening your record…`);
      const signer = own ?? (identity.accountKind === 'wallet' ? await this.walletSigner(profile) : undefined);
      await this.person.enter(identity, profile, signer);
      if (profile) localStorage.setItem('ehrd.last', profile.account);
      await this.person.goHome();
    } catch (e) {
      if (got && this.person.identity !== got.identity) got.identity.lock();
      this.fault.set(faultOf(e));
      this.isOtherAuthority.set(codeOf(e) === 'E_AUTHORITY');
    } finally {
      this.working.set('');
      this.stop.set(null);
    }
  }
  /** Shows how far the work on a passphrase is, and lets the person stop it. */
  private patience(): { onProgress: (part: number) => void; signal: AbortSignal } {
    const stop = new AbortController();
    this.stop.set(stop);
    this.part.set(0);
    return { onProgress: (part) => this.part.set(part), signal: stop.signal };
  }
  /** Only after the person was warned: from now on the authority that the node names is the pinned one. */
  protected async trustAuthority(): Promise<void> {
    (await core()).authorityForget((await this.person.connect()).info, localStorage);
    this.isOtherAuthority.set(false);
    this.fault.set(null);
    this.person.say($localize`Trusted from now on. Unlock again.`);
  }
  private async walletSigner(profile: Profile | null): Promise<WalletSigner> {
    const c = await core();
    const wallet = this.wallets().find((w) => w.rdns === profile?.walletRdns) ?? this.wallets()[0];
    if (!wallet) throw Object.assign(new Error('no wallet answers in this browser'), { code: 'E_WALLET' });
    this.working.set($localize`Waiting for your wallet…`);
    const signer = await c.connectWallet(wallet, (await this.person.connect()).info, `${location.origin}/rpc`);
    if (profile && signer.address !== profile.account) throw Object.assign(new Error(`the wallet shows ${signer.address}, not ${profile.account}`), { code: 'E_WALLET' });
    return signer;
  }
}
