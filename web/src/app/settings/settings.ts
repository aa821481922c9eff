// SPDX-License-Identifier: Apache-2.0
// Ways to unlock, this device, locking, language, folders.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Confirm } from '../ui/confirm';
import { FaultNote } from '../ui/fault';
import { Qr } from '../ui/qr';
import { save } from '../ui/save';
import { chooseLanguage, language, type Language } from '../language';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import { core, type Profile, type Way } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { day } from '../state/words';
import { TakeOut } from './take-out';

@Component({
  imports: [FormsModule, FaultNote, Qr, TakeOut],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Settings</h1></div>
    <ehr-fault [fault]="fault()" />
    @if (working()) { <p role="status" class="note">{{ working() }}</p> }
    <div class="grid">
      @if (person.keepsIdentity()) {
      <section class="card stack" aria-labelledby="ways">
        <h2 id="ways" i18n>Ways to unlock</h2>
        <ul class="list">
          @for (w of ways(); track $index) { <li class="line"><span class="line-body"><span class="line-title">{{ wayWord(w) }}</span><span class="small soft" i18n>since {{ day(w.created) }}</span></span>
            @if (w.file) { <button type="button" class="button quiet" (click)="saveWay(w)" i18n>Save</button> }</li> }
          @empty { <li class="soft" i18n>This device does not remember you. Add a passphrase to sign in here without your code.</li> }
        </ul>
        <form class="stack-s" (ngSubmit)="addPassphrase()">
          <div class="field"><label for="np" i18n>Add a passphrase for this device</label><input id="np" name="np" type="password" autocomplete="new-password" [(ngModel)]="pass"><p class="hint" i18n>At least 12 characters.</p></div>
          <div class="row"><button type="submit" class="button" [disabled]="pass().length < 12 || !!working()" i18n>Add</button>
          @if (canPasskey()) { <button type="button" class="button" (click)="addPasskey()" i18n>Add a passkey</button> }</div>
        </form>
      </section>
      <section class="card stack" aria-labelledby="rec">
        <h2 id="rec" i18n>Recovery code</h2>
        <p class="small soft" i18n>Whoever has it can open your record. Show it only where nobody looks on.</p>
        @if (code(); as c) { <p class="mono">{{ c.groups.join(' ') }}</p><ehr-qr [text]="c.text" label="Recovery code as QR code" i18n-label /><div><button type="button" class="button" (click)="code.set(null)" i18n>Hide</button></div> }
        @else { <div><button type="button" class="button" (click)="showCode()" i18n>Show the recovery code</button></div> }
      </section>
      }
      <section class="card stack" aria-labelledby="lock">
        <h2 id="lock" i18n>Locking</h2>
        <div class="field"><label for="after" i18n>Lock when I do nothing for</label>
          <select id="after" name="after" [ngModel]="person.lockAfterMs() / 60000" (ngModelChange)="person.setLockAfter($event)">
            @for (m of [2, 5, 10, 30]; track m) { <option [ngValue]="m" i18n>{{ m }} minutes</option> }
          </select></div>
        <div><button type="button" class="button" (click)="person.lock()" i18n>Lock now</button></div>
      </section>
      <section class="card stack" aria-labelledby="lang">
        <h2 id="lang" i18n>Language</h2>
        <div class="field"><label for="lg" i18n>Language of the page</label><select id="lg" name="lg" [ngModel]="lang" (ngModelChange)="pick($event)"><option value="en">English</option><option value="de">Deutsch</option></select></div>
      </section>
      @if (person.place() === 'patient') {
        <section class="card stack" aria-labelledby="exp">
          <h2 id="exp" i18n>Take everything with you</h2>
          <ehr-take-out />
        </section>
        <section class="card stack" aria-labelledby="fold">
          <h2 id="fold" i18n>Folders</h2>
          <ul class="list">@for (f of own(); track f.folderId) { <li class="line"><span class="line-body"><span class="line-title">{{ f.name }}</span></span></li> }</ul>
          <form class="stack-s" (ngSubmit)="addFolder()"><div class="field"><label for="nf" i18n>New folder</label><input id="nf" name="nf" maxlength="60" [(ngModel)]="folderName"><p class="hint" i18n>What you share, you share by folder: a name only you and those you share with can see.</p></div>
          <div><button type="submit" class="button" [disabled]="!folderName().trim() || person.busy() > 0" i18n>Open the folder</button></div></form>
        </section>
      }
      <section class="card stack" aria-labelledby="dev">
        <h2 id="dev" i18n>This device</h2>
        @if (person.keepsIdentity()) {
          <p class="small soft" i18n>Forgetting removes your sealed key and the charts kept here from this device, and signs you out. Keep your recovery code or key file.</p>
          <div><button type="button" class="button danger" (click)="forget()" i18n>Forget me on this device</button></div>
        } @else { <p class="small soft" i18n>You signed in with an account file. Nothing of it is kept on this device.</p> }
        <details><summary i18n>Advanced</summary><dl class="facts">
          <dt i18n>Account</dt><dd class="mono">{{ person.session()?.account }}</dd>
          @if (person.card(); as c) { <dt i18n>Fingerprint of the key card</dt><dd class="mono">{{ c.hash }}</dd> }
          <dt i18n>Mode</dt><dd>{{ person.session()?.mode === 'relationship' ? relationshipText : walletText }}</dd>
          <dt i18n>Contract</dt><dd class="mono">{{ person.node()?.info?.proxy }}</dd></dl></details>
      </section>
    </div>
  `,
})
export class SettingsPage {
  protected readonly person = inject(Person);
  private readonly chart = inject(Chart);
  private readonly confirm = inject(Confirm);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly working = signal('');
  protected readonly pass = signal('');
  protected readonly folderName = signal('');
  protected readonly code = signal<{ text: string; groups: string[] } | null>(null);
  protected readonly canPasskey = signal(false);
  protected readonly ways = computed(() => this.person.profile()?.ways ?? []);
  protected readonly own = computed(() => (this.chart.folders() ?? []).filter((f) => f.mine));
  protected readonly lang = language();
  protected readonly day = day;
  protected readonly relationshipText = $localize`a fresh address for each folder and each person (the ledger does not show who deals with whom; the node that serves you can see it)`;
  protected readonly walletText = $localize`one address for everything (the ledger shows who deals with whom)`;

  constructor() {
    void core().then(async (c) => this.canPasskey.set(await c.identities().passkeysSupported()));
    if (this.person.place() === 'patient' && !this.chart.folders()) void this.run('', async () => void (await this.chart.loadFolders()));
  }
  private async run(text: string, work: () => Promise<void>): Promise<void> {
    this.fault.set(null);
    this.working.set(text);
    try {
      await this.person.writing(work);
    } catch (e) {
      this.fault.set(faultOf(e));
    } finally {
      this.working.set('');
    }
  }
  protected wayWord(w: Way): string {
    return w.kind === 'passphrase' ? $localize`Passphrase` : w.kind === 'passkey' ? $localize`Passkey of this device` : $localize`Recovery code`;
  }
  protected saveWay(w: Way): void {
    if (w.file) save(new Blob([w.file as BlobPart]), 'health-record-key.age');
  }
  private async keep(way: Way): Promise<void> {
    const c = await core();
    const s = this.person.need();
    const old = this.person.profile();
    const profile: Profile = old
      ? { ...old, ways: [...old.ways.filter((w) => w.kind !== way.kind), way] }
      : { account: s.account, accountKind: this.person.identity!.accountKind, walletRdns: this.person.wallet?.rdns, chainId: String(s.node.info.chainId), proxy: s.node.info.proxy, label: this.person.name() || s.account, mode: s.mode, ways: [way, c.identities().recoveryCode(this.person.identity!).way] };
    await c.profileStore().put(profile);
    this.person.profile.set(profile);
    localStorage.setItem('ehrd.last', s.account);
  }
  protected addPassphrase(): Promise<void> {
    return this.run($localize`Sealing your key…`, async () => {
      await this.keep(await (await core()).identities().addPassphrase(this.person.identity!, 'passphrase', this.pass()));
      this.pass.set('');
      this.person.say($localize`Added`);
    });
  }
  protected addPasskey(): Promise<void> {
    return this.run($localize`Waiting for the device…`, async () => this.keep(await (await core()).identities().addPasskey(this.person.identity!, $localize`this device`, this.person.name())));
  }
  protected async showCode(): Promise<void> {
    this.code.set((await core()).identities().recoveryCode(this.person.identity!));
  }
  protected pick(l: Language): void {
    chooseLanguage(l);
  }
  protected addFolder(): Promise<void> {
    return this.run($localize`Opening the folder…`, async () => {
      await this.person.need().openFolder(this.folderName().trim());
      this.folderName.set('');
      await this.chart.loadFolders();
    });
  }
  protected async forget(): Promise<void> {
    const sure = await this.confirm.ask({ title: $localize`Forget you on this device?`, sentence: $localize`Your sealed key and the charts kept here will be removed from this device, and you will be signed out. Nothing of your record is lost.`, more: [$localize`You need your recovery code or key file to sign in here again.`], yes: $localize`Forget me`, danger: true });
    if (sure) await this.run('', () => this.person.forgetHere());
  }
}
