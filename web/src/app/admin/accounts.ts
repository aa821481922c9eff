// SPDX-License-Identifier: Apache-2.0
// People, or organisations: who asks to be registered, who is, suspend and reinstate. Never a record.
import { ChangeDetectionStrategy, Component, OnDestroy, computed, inject, input, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Confirm } from '../ui/confirm';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { Person } from '../state/person';
import type { AccountEntry, Address, RegistrationRequest, Role } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { Reading } from '../state/reading';
import { whenBack } from '../ui/when-back';
import { day, moment, number, roleWord, short } from '../state/words';

const EVERY_MS = 8000;

@Component({
  imports: [FormsModule, FaultNote, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1>{{ organisations() ? organisationsWord : peopleWord }}</h1>
      <button type="button" class="button primary" [attr.aria-expanded]="adding()" (click)="adding.set(!adding())"><ehr-icon name="plus" /><span i18n>Register</span></button></div>
    <ehr-fault [fault]="fault() ?? reading.fault()" />
    @for (q of waiting(); track q.account) {
      <section class="card stack-s request" [attr.aria-label]="q.name"><h2 i18n>{{ q.name }} asks to be registered</h2>
        <p class="soft">{{ roleWord(q.role) }}@if (q.contact) { · {{ q.contact }} } · {{ moment(q.received) }}</p>
        <p class="small soft" i18n>Make sure that this is the person: an impostor who is registered could be trusted by patients.</p>
        <div class="actions"><button type="button" class="button primary" [disabled]="person.busy() > 0" (click)="register(q.account, q.role, q.name, 0)" i18n>Register</button><button type="button" class="button" [disabled]="person.busy() > 0" (click)="refuse(q)" i18n>Refuse</button></div></section>
    }
    @if (adding()) {
      <form class="card stack" (ngSubmit)="register($any(account().trim().toLowerCase()), role(), account(), end())" aria-labelledby="reg">
        <h2 id="reg" i18n>Register somebody</h2>
        <div class="field"><label for="acc" i18n>Account</label><input id="acc" name="acc" class="mono" autocomplete="off" [(ngModel)]="account"><p class="hint" i18n>0x and 40 digits, as the person's page shows it under Advanced.</p></div>
        <div class="field"><label for="role" i18n>As</label><select id="role" name="role" [(ngModel)]="role"><option value="patient" i18n>patient</option><option value="practitioner" i18n>physician</option><option value="organisation" i18n>organisation</option></select></div>
        <div class="field"><label for="end" i18n>Until (leave empty for no end)</label><input id="end" name="end" type="date" [(ngModel)]="until"></div>
        <div class="actions"><button type="submit" class="button primary" [disabled]="!valid() || person.busy() > 0" i18n>Continue</button></div>
      </form>
    }
    <form role="search" (ngSubmit)="(0)"><label><span class="visually-hidden" i18n>Search</span><input type="search" name="q" placeholder="Search by name or account" i18n-placeholder [(ngModel)]="words"></label></form>
    @if (reading.isWaiting()) { @for (i of [1, 2, 3]; track i) { <span class="skeleton tall"></span> } } @else if (reading.isRead()) { <p class="small soft" role="status">{{ shownText() }}</p> }
    @if (reading.isRead()) { <ul class="list card">
      @for (a of found().slice(0, limit()); track a.address) {
        <li class="line folds"><span class="line-body"><span class="line-title">{{ a.name || short(a.address) }}</span><span class="small soft">{{ roleWord(a.role) }} · <span class="mono">{{ short(a.address) }}</span>@if (a.validUntil) { · <span i18n>until {{ day(a.validUntil) }}</span> }</span></span>
          <span class="tag" [class.good]="a.status === 'active'" [class.warn]="a.status !== 'active'">{{ statusWord(a.status) }}</span>
          @if (a.status === 'active') { <button type="button" class="button" [disabled]="person.busy() > 0" (click)="suspend(a)" i18n>Suspend</button> }
          @if (a.status === 'suspended') { <button type="button" class="button" [disabled]="person.busy() > 0" (click)="reinstate(a)" i18n>Reinstate</button> }</li>
      } @empty { <li class="soft">@if (here().length) { <ng-container i18n>Nobody fits. Try fewer words.</ng-container> } @else { <ng-container i18n>Nobody here yet.</ng-container> }</li> }
    </ul> }
    @if (found().length > limit()) { <button type="button" class="button" (click)="limit.set(limit() + 200)" i18n>Show more</button> }
  `,
  styles: `.tall { height: 60px; } .request { border-color: var(--accent); } li.line { flex-wrap: wrap; }`,
})
export class AccountsPage implements OnDestroy {
  /** From the route's data; a route without it binds undefined. */
  readonly organisations = input(false, { transform: (v: boolean | undefined) => v === true });
  protected readonly person = inject(Person);
  private readonly confirm = inject(Confirm);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly reading = new Reading();
  protected readonly adding = signal(false);
  private readonly accounts = signal<AccountEntry[]>([]);
  private readonly asking = signal<RegistrationRequest[]>([]);
  protected readonly words = signal('');
  protected readonly limit = signal(100);
  protected readonly account = signal('');
  protected readonly role = signal<Role>('patient');
  protected readonly until = signal('');
  protected readonly peopleWord = $localize`People`;
  protected readonly organisationsWord = $localize`Organisations`;
  protected readonly day = day;
  protected readonly moment = moment;
  protected readonly short = short;
  private readonly isHere = (role: Role | null): boolean => (role === 'organisation') === this.organisations();
  protected readonly waiting = computed(() => this.asking().filter((q) => this.isHere(q.role)));
  protected readonly here = computed(() => this.accounts().filter((a) => a.status !== 'none' && this.isHere(a.role)));
  protected readonly found = computed(() => {
    const w = this.words().trim().toLowerCase();
    return this.here().filter((a) => `${a.name} ${a.address}`.toLowerCase().includes(w));
  });
  protected readonly shownText = computed(() => $localize`${number(this.found().length)}:shown: of ${number(this.here().length)}:all: shown`);
  protected readonly valid = computed(() => /^0x[0-9a-fA-F]{40}$/.test(this.account().trim()));
  protected readonly end = computed(() => (this.until() ? Math.floor(new Date(`${this.until()}T23:59:59`).getTime() / 1000) : 0));

  private readonly timer = setInterval(() => void this.lookForRequests(), EVERY_MS);

  constructor() {
    void this.load();
    whenBack(() => void (this.reading.fault() ? this.load() : null));
  }
  ngOnDestroy(): void {
    clearInterval(this.timer);
  }
  /** People ask while the page is open. A node that is away shows in the frame, so failures are not told here. */
  private async lookForRequests(): Promise<void> {
    const s = this.person.session();
    if (!s || !this.reading.isRead() || document.hidden) return;
    const now = await s.admin.registrations().catch(() => null);
    if (now && now.map((q) => q.account).join() !== this.asking().map((q) => q.account).join()) this.asking.set(now);
  }
  private load(): Promise<void> {
    return this.reading.run(async () => {
      const { admin } = this.person.need();
      const [accounts, asking] = await Promise.all([admin.accounts(), admin.registrations()]);
      return () => {
        this.accounts.set(accounts);
        this.asking.set(asking);
      };
    });
  }
  protected readonly roleWord = roleWord;
  protected statusWord(s: string): string {
    return s === 'active' ? $localize`active` : s === 'suspended' ? $localize`suspended` : $localize`expired`;
  }
  private async change(work: () => Promise<unknown>, said: string): Promise<void> {
    this.fault.set(null);
    try {
      await this.person.writing(work);
      this.person.say(said);
      await this.load();
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  protected register(account: Address, role: Role, name: string, until: number): Promise<void> {
    const who = name.startsWith('0x') ? short(name) : name;
    return this.change(async () => {
      await this.person.need().admin.register(account, role, until, { confirm: this.confirm.before({ title: $localize`Register?`, sentence: $localize`${who}:person: will be registered as ${this.roleWord(role)}:role:.`, more: [$localize`Registering lets nobody read anything; patients decide that.`], yes: $localize`Register` }) });
      this.adding.set(false);
      this.account.set('');
    }, $localize`Registered`);
  }
  protected refuse(q: RegistrationRequest): Promise<void> {
    return this.change(() => this.person.need().admin.refuse(q.account), $localize`Refused`);
  }
  protected suspend(a: AccountEntry): Promise<void> {
    const who = a.name || short(a.address);
    return this.change(() => this.person.need().admin.suspend(a.address, { confirm: this.confirm.before({ title: $localize`Suspend?`, sentence: $localize`${who}:person: will get nothing from this service until reinstated.`, more: [$localize`Until then nobody gets anything of the folders that they own, either. Nothing is deleted, and no grant ends.`], yes: $localize`Suspend`, danger: true }) }), $localize`Suspended`);
  }
  protected reinstate(a: AccountEntry): Promise<void> {
    const who = a.name || short(a.address);
    return this.change(() => this.person.need().admin.reinstate(a.address, { confirm: this.confirm.before({ title: $localize`Reinstate?`, sentence: $localize`${who}:person: will be active again.`, yes: $localize`Reinstate` }) }), $localize`Reinstated`);
  }
}
