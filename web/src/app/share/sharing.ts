// SPDX-License-Identifier: Apache-2.0
// Who can see this now; sharing with a whole sentence before it is signed; requests; stopping with the three facts.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Confirm } from '../ui/confirm';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { Qr } from '../ui/qr';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import { ADD, VIEW, type AccessRequest, type Address, type CheckedCard, type Folder, type GrantView, type RevokeReport } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { DAY_S, day, may, moment, nowS, shareSentence, short } from '../state/words';
import { Rights } from './rights';

interface Shared { folder: Folder; grant: GrantView; }

@Component({
  imports: [FormsModule, FaultNote, Icon, Qr, Rights],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Sharing</h1>
      <button type="button" class="button primary" (click)="begin()"><ehr-icon name="plus" /><span i18n>Share</span></button></div>
    <ehr-fault [fault]="fault()" />
    @if (report(); as r) {
      <section class="card stack" aria-labelledby="stopped" tabindex="-1">
        <h2 id="stopped" i18n>Stopped sharing with {{ stopped() }}</h2>
        <ol class="stack">
          <li><b i18n>From now on</b><p i18n>The service gives nothing of this folder to {{ stopped() }} any more.</p></li>
          <li><b i18n>New versions</b><p i18n>Everything added from now on is locked with a new key that {{ stopped() }} does not have.</p>@if (r.kept) { <p i18n>The others who still have access got the new key: {{ r.kept }}.</p> }</li>
          <li><b i18n>Already opened</b>
            @if (r.opened.length) {
              <p i18n>These were opened before; copies may exist and cannot be taken back:</p>
              <ul class="list">@for (o of openedOnce().slice(0, 30); track $index) { <li class="line"><span class="line-body">{{ titleOf(o.recordId, o.title) }}</span><span class="line-side">{{ moment(o.time) }}</span></li> }</ul>
              @if (openedOnce().length > 30) { <p class="soft" i18n>and {{ openedOnce().length - 30 }} more; Activity lists all</p> }
            } @else { <p i18n>Nothing was opened, as far as the log tells.</p> }
            @if (!r.logChecked) { <p class="note warn" i18n>The log could not be checked, so this list may not be whole.</p> }
          </li>
        </ol>
        <div><button type="button" class="button" (click)="report.set(null)" i18n>Close</button></div>
      </section>
    }
    @for (q of requests(); track q.id) {
      <section class="card stack request" [attr.aria-label]="askLabel(q)">
        <h2><ehr-icon name="requests" /> <span i18n>{{ q.name }} asks for access</span></h2>
        <p>{{ requestText(q) }}</p>
        @if (q.purpose) { <p class="soft"><span i18n>What for:</span> {{ q.purpose }}</p> }
        <div class="actions"><button type="button" class="button primary" (click)="answer(q)" i18n>Look and decide</button><button type="button" class="button" (click)="dismiss(q)" i18n>No</button></div>
      </section>
    }
    @if (ordering()) {
      <form class="card stack" (ngSubmit)="share()" aria-labelledby="order">
        <h2 id="order" i18n>Share</h2>
        @if (!folders().length) { <p class="soft" i18n>Open a folder first, on the Summary page.</p> }
        <div class="field"><label for="with" i18n>With whom?</label>
          <select id="with" name="with" [(ngModel)]="account">
            <option value="" i18n>Choose from the directory</option>
            @for (c of directory(); track c.account) { <option [value]="c.account">{{ c.name }}</option> }
            @if (outside(); as o) { <option [value]="o.account">{{ o.name }}</option> }
          </select>
          <p class="hint" i18n>Or open the link, or scan the code, that the person shows you.</p></div>
        <div class="field"><label for="paste" i18n>Link or code of the person</label><input id="paste" name="paste" autocomplete="off" [ngModel]="pasted()" (ngModelChange)="paste($event)"></div>
        <div class="field"><label for="which" i18n>Which folder?</label><select id="which" name="which" [(ngModel)]="folderId">@for (f of folders(); track f.folderId) { <option [value]="f.folderId">{{ f.name }}</option> }</select></div>
        <ehr-rights [(value)]="rights" />
        <div class="field"><label for="until" i18n>Until when?</label><input id="until" name="until" type="date" [min]="minDate" [(ngModel)]="until"></div>
        @if (sentence()) { <p class="sentence note">{{ sentence() }}</p> }
        <div class="actions"><button type="submit" class="button primary" [disabled]="!sentence() || person.busy() > 0" i18n>Continue</button><button type="button" class="button quiet" (click)="ordering.set(false)" i18n>Not now</button></div>
        @if (working()) { <p role="status" class="soft">{{ working() }}</p> }
      </form>
    }
    <section class="card" aria-labelledby="now">
      <h2 id="now" i18n>Who can see this now</h2>
      @if (!loaded()) { <span class="skeleton tall"></span> }
      <ul class="list">
        @for (s of live(); track s.folder.folderId + s.grant.holder) {
          <li class="line folds"><span class="line-body"><span class="line-title">{{ nameOf(s.grant) }}</span><span class="small soft">{{ rightsText(s) }}</span>
              @if (!s.grant.account) { <span class="by-other small note warn" i18n>You did not share this from here: somebody with your keys did. If you do not know why, stop it and tell the administrator of this service.</span> }</span>
            <button type="button" class="button danger" [disabled]="person.busy() > 0" (click)="stop(s)" i18n>Stop sharing</button></li>
        } @empty { @if (loaded()) { <li class="soft" i18n>Nobody but you.</li> } }
      </ul>
    </section>
    @if (over().length) {
      <details class="card"><summary i18n>Over ({{ over().length }})</summary>
        <ul class="list">@for (s of over(); track $index) { <li class="line folds"><span class="line-body"><span class="line-title">{{ nameOf(s.grant) }}</span><span class="small soft">{{ s.folder.name }}</span></span><span class="line-side">{{ overText(s.grant) }}</span></li> }</ul>
      </details>
    }
    <section class="card stack-s" aria-labelledby="mine">
      <h2 id="mine" i18n>My code</h2>
      <p class="small soft" i18n>A physician scans this to ask you for access. It names you; it opens nothing.</p>
      <ehr-qr [text]="myLink()" label="My code as QR code" i18n-label />
      <p class="mono small">{{ myLink() }}</p>
    </section>
  `,
  styles: `.tall { height: 88px; } .by-other { display: block; margin-block-start: 8px; } .request { border-color: var(--accent); } h2 ehr-icon { display: inline-flex; vertical-align: -3px; } ol > li { list-style: decimal; margin-inline-start: 1.4em; }`,
})
export class SharingPage {
  protected readonly person = inject(Person);
  private readonly chart = inject(Chart);
  private readonly confirm = inject(Confirm);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly working = signal('');
  protected readonly loaded = signal(false);
  protected readonly folders = signal<Folder[]>([]);
  private readonly shared = signal<Shared[]>([]);
  protected readonly requests = signal<AccessRequest[]>([]);
  protected readonly directory = signal<CheckedCard[]>([]);
  protected readonly ordering = signal(false);
  protected readonly account = signal('');
  protected readonly pasted = signal('');
  protected readonly outside = signal<AccessRequest | null>(null);
  protected readonly folderId = signal('');
  protected readonly rights = signal(VIEW | ADD);
  protected readonly until = signal(dateText(nowS() + 90 * DAY_S));
  protected readonly minDate = dateText(nowS() + DAY_S);
  protected readonly report = signal<RevokeReport | null>(null);
  protected readonly stopped = signal('');
  /** Each record once, by its latest opening; the list of titles is named only when it is all that was seen. */
  protected readonly openedOnce = computed(() => {
    const all = this.report()?.opened ?? [];
    const first = new Map(all.map((o) => [o.recordId, o] as const).reverse());
    if (first.size > 1) first.delete(null);
    return [...first.values()].sort((a, b) => b.time - a.time);
  });
  private answering: AccessRequest | null = null;
  protected readonly moment = moment;

  protected readonly live = computed(() => this.shared().filter((s) => s.grant.status === 'active' || s.grant.status === 'not-yet'));
  protected readonly over = computed(() => this.shared().filter((s) => s.grant.status !== 'active' && s.grant.status !== 'not-yet'));
  private readonly who = computed(() => {
    const a = this.account();
    const card = this.directory().find((c) => c.account === a);
    return card ? { name: card.name, hash: card.hash } : this.outside()?.account === a ? { name: this.outside()!.name, hash: this.outside()!.cardHash } : null;
  });
  private readonly endS = computed(() => Math.floor(new Date(`${this.until()}T23:59:59`).getTime() / 1000));
  protected readonly sentence = computed(() => {
    const f = this.folders().find((x) => x.folderId === this.folderId());
    const who = this.who();
    return f && who && this.rights() && this.endS() > nowS() ? shareSentence(who.name, this.rights(), f.name, this.endS()) : '';
  });
  protected readonly myLink = computed(() => `${location.origin}/requests#patient=${this.person.session()?.account ?? ''}`);

  constructor() {
    void this.load();
    const link = this.person.takeRequestLink();
    if (link) {
      this.ordering.set(true);
      void this.paste(link);
    }
  }
  private async load(): Promise<void> {
    try {
      const s = this.person.need();
      const all = (this.chart.folders() ?? (await this.chart.loadFolders())).filter((f) => f.mine);
      this.folders.set(all);
      if (!this.folderId()) this.folderId.set(all[0]?.folderId ?? '');
      const lists = await Promise.all(all.map(async (folder) => (await s.grants(folder.folderId)).map((grant) => ({ folder, grant }))));
      this.shared.set(lists.flat());
      this.loaded.set(true);
      this.directory.set((await s.directory()).filter((c) => c.account !== s.account));
      await s.scanInbox();
      this.requests.set((await s.requests()).filter((q) => q.answer === 'open' && q.expires > nowS()));
    } catch (e) {
      this.fault.set(faultOf(e));
      this.loaded.set(true);
    }
  }
  protected nameOf(g: GrantView): string {
    return g.name || short(g.account ?? g.holder);
  }
  protected rightsText(s: Shared): string {
    return $localize`may ${may(s.grant.permissions)}:rights: “${s.folder.name}:folder:” until ${day(s.grant.notAfter)}:date:`;
  }
  protected overText(g: GrantView): string {
    return g.status === 'revoked' ? $localize`stopped` : $localize`ended ${day(g.notAfter)}:date:`;
  }
  protected requestText(q: AccessRequest): string {
    return $localize`${q.name}:person: would like to ${may(q.permissions)}:rights: your record for ${Math.round(q.duration / DAY_S)}:days: days. You may give less.`;
  }
  protected askLabel(q: AccessRequest): string {
    return $localize`Request of ${q.name}:person:`;
  }
  protected titleOf(id: string | null, title: string): string {
    return title || (id && this.chart.byId().get(id as Address)?.meta?.title) || $localize`The list of titles`;
  }
  protected begin(): void {
    this.answering = null;
    this.report.set(null);
    this.ordering.set(true);
  }
  protected async paste(text: string): Promise<void> {
    this.pasted.set(text);
    if (text.trim().length < 40) return;
    try {
      this.answer(await this.person.need().takeRequest(text.trim()));
      this.fault.set(null);
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  protected answer(q: AccessRequest): void {
    if (!this.directory().some((c) => c.account === q.account)) this.outside.set(q);
    this.answering = q;
    this.account.set(q.account);
    this.rights.set(q.permissions);
    this.until.set(dateText(nowS() + Math.min(Math.max(q.duration, DAY_S), 365 * DAY_S)));
    this.ordering.set(true);
  }
  protected async dismiss(q: AccessRequest): Promise<void> {
    await this.answered(q, 'refused');
  }
  private async answered(q: AccessRequest, how: 'accepted' | 'refused'): Promise<void> {
    await this.person.need().answerRequest(q.id, how).catch((e: unknown) => this.fault.set(faultOf(e)));
    this.requests.update((all) => all.filter((x) => x.id !== q.id));
  }
  protected async share(): Promise<void> {
    const who = this.who();
    const sentence = this.sentence();
    if (!who || !sentence) return;
    this.fault.set(null);
    this.working.set($localize`Sharing…`);
    try {
      const account = this.account() as Address;
      await this.person.writing(() =>
        this.person.need().grant(this.folderId() as Address, { account, name: who.name, pinnedCard: who.hash, permissions: this.rights(), notAfter: this.endS() }, { confirm: this.confirm.before({ title: $localize`Share this?`, sentence, more: [$localize`You can stop sharing at any time.`], yes: $localize`Share` }) }),
      );
      const asked = this.answering?.account === account ? this.answering : this.requests().find((q) => q.account === account);
      this.answering = null;
      this.pasted.set('');
      if (asked) await this.answered(asked, 'accepted');
      this.ordering.set(false);
      this.person.say(sentence);
      await this.load();
    } catch (e) {
      this.fault.set(faultOf(e));
    } finally {
      this.working.set('');
    }
  }
  protected async stop(s: Shared): Promise<void> {
    const name = this.nameOf(s.grant);
    this.fault.set(null);
    try {
      const report = await this.person.writing(() =>
        this.person.need().revoke(s.folder.folderId, s.grant.holder, {
          confirm: this.confirm.before({ title: $localize`Stop sharing?`, sentence: $localize`${name}:person: will no longer be able to open “${s.folder.name}:folder:”.`, more: [$localize`What ${name}:person: has already opened may have been copied; that cannot be taken back.`, $localize`You can share again later.`], yes: $localize`Stop sharing`, danger: true }),
        }),
      );
      this.stopped.set(name);
      this.report.set(report);
      this.person.say($localize`Stopped sharing with ${name}:person:`);
      await this.load();
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
}
function dateText(unix: number): string {
  const d = new Date(unix * 1000);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
}
