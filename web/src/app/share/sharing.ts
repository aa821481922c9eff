// SPDX-License-Identifier: Apache-2.0
// Who can see this now; sharing with a whole sentence before it is signed; requests; stopping with the three facts.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { Confirm } from '../ui/confirm';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { Qr } from '../ui/qr';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import type { AccessRequest, Address, CheckedCard, Folder, GrantView, RevokeReport, Role } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { Reading } from '../state/reading';
import { ending, may, moment, nowS, roleWord, short } from '../state/words';
import { whenBack } from '../ui/when-back';
import { namesakes } from './people';
import { personLabel, requestText, ShareOrder, type Shared } from './order';

@Component({
  imports: [FaultNote, Icon, Qr, ShareOrder],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Sharing</h1>
      <button type="button" class="button primary" (click)="begin()"><ehr-icon name="plus" /><span i18n>Share</span></button></div>
    <ehr-fault [fault]="fault() ?? grants.fault() ?? asked.fault()" />
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
        <h2><ehr-icon name="requests" /> <span i18n>{{ label(q) }} asks for access</span></h2>
        <p>{{ requestText(q, label(q)) }}</p>
        <p class="small soft">{{ roleWord(q.role) }} · <span class="mono">{{ short(q.account) }}</span></p>
        @if (q.purpose) { <p class="soft"><span i18n>What for:</span> {{ q.purpose }}</p> }
        <div class="actions"><button type="button" class="button primary" (click)="answer(q)" i18n>Look and decide</button><button type="button" class="button" (click)="dismiss(q)" i18n>No</button></div>
      </section>
    }
    @if (ordering()) {
      <ehr-share-order [folders]="folders()" [people]="directory()" [repeated]="repeated()" [live]="live()" [request]="answering()" (asked)="answer($event)" (done)="afterSharing($event)" (closed)="ordering.set(false)" />
    }
    <section class="card" aria-labelledby="now">
      <h2 id="now" i18n>Who can see this now</h2>
      @if (grants.isWaiting()) { <span class="skeleton tall"></span> }
      <ul class="list">
        @for (s of live(); track s.folder.folderId + s.grant.holder) {
          <li class="line folds"><span class="line-body"><span class="line-title">{{ nameOf(s.grant) }}</span><span class="small soft">{{ rightsText(s) }}</span>
              @if (!s.grant.account) { <span class="by-other small note warn" i18n>You did not share this from here: somebody with your keys did. If you do not know why, stop it and tell the administrator of this service.</span> }</span>
            <button type="button" class="button danger" [disabled]="person.busy() > 0" (click)="stop(s)" i18n>Stop sharing</button></li>
        } @empty { @if (grants.isRead()) { <li class="soft" i18n>Nobody but you.</li> } }
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
  protected readonly grants = new Reading();
  /** Who asks, and the directory. */
  protected readonly asked = new Reading();
  protected readonly folders = signal<Folder[]>([]);
  private readonly shared = signal<Shared[]>([]);
  protected readonly requests = signal<AccessRequest[]>([]);
  protected readonly directory = signal<CheckedCard[]>([]);
  protected readonly ordering = signal(false);
  protected readonly answering = signal<AccessRequest | null>(null);
  protected readonly report = signal<RevokeReport | null>(null);
  protected readonly stopped = signal('');
  /** Each record once, by its latest opening; the list of titles is named only when it is all that was seen. */
  protected readonly openedOnce = computed(() => {
    const all = this.report()?.opened ?? [];
    const first = new Map(all.map((o) => [o.recordId, o] as const).reverse());
    if (first.size > 1) first.delete(null);
    return [...first.values()].sort((a, b) => b.time - a.time);
  });
  protected readonly moment = moment;
  protected readonly short = short;
  protected readonly roleWord = roleWord;
  protected readonly requestText = requestText;

  protected readonly live = computed(() => this.shared().filter((s) => s.grant.status === 'active' || s.grant.status === 'not-yet'));
  protected readonly over = computed(() => this.shared().filter((s) => s.grant.status !== 'active' && s.grant.status !== 'not-yet'));
  /** Whose name somebody else here has, too. */
  protected readonly repeated = computed(() => {
    const asking = [...this.requests(), ...(this.answering() ? [this.answering()!] : [])];
    const given = this.shared().flatMap(({ grant: { account, name } }) => (account ? [{ account, name }] : []));
    return namesakes([...this.directory(), ...asking, ...given]);
  });
  protected readonly myLink = computed(() => `${location.origin}/requests#patient=${this.person.session()?.account ?? ''}`);

  constructor() {
    void this.load();
    whenBack(() => void (this.grants.fault() || this.asked.fault() ? this.load() : null));
    const link = this.person.takeRequestLink();
    if (link) void this.take(link);
  }
  private async take(link: string): Promise<void> {
    try {
      this.answer(await this.person.need().takeRequest(link));
    } catch (e) {
      this.fault.set(faultOf(e));
      this.begin();
    }
  }
  private async load(): Promise<void> {
    await this.grants.run(async () => {
      const s = this.person.need();
      const all = (this.chart.folders() ?? (await this.chart.loadFolders())).filter((f) => f.mine);
      const lists = await Promise.all(all.map(async (folder) => (await s.grants(folder.folderId)).map((grant) => ({ folder, grant }))));
      return () => {
        this.folders.set(all);
        this.shared.set(lists.flat());
      };
    });
    if (this.grants.fault()) return;
    await this.asked.run(async () => {
      const s = this.person.need();
      this.directory.set((await s.directory()).filter((c) => c.account !== s.account));
      await s.scanInbox();
      const open = (await s.requests()).filter((q) => q.answer === 'open' && q.expires > nowS());
      return () => this.requests.set(open);
    });
  }
  protected nameOf(g: GrantView): string {
    return g.account && g.name ? this.label({ account: g.account, name: g.name }) : g.name || short(g.account ?? g.holder);
  }
  protected label(p: { account: Address; name: string; role?: Role }): string {
    return personLabel({ role: this.directory().find((c) => c.account === p.account)?.role, ...p }, this.repeated());
  }
  protected rightsText(s: Shared): string {
    return $localize`may ${may(s.grant.permissions)}:rights: “${s.folder.name}:folder:” until ${ending(s.grant.notAfter)}:date:`;
  }
  protected overText(g: GrantView): string {
    return g.status === 'revoked' ? $localize`stopped` : $localize`ended ${ending(g.notAfter)}:date:`;
  }
  protected askLabel(q: AccessRequest): string {
    return $localize`Request of ${this.label(q)}:person:`;
  }
  protected titleOf(id: string | null, title: string): string {
    return title || (id && this.chart.byId().get(id as Address)?.meta?.title) || $localize`The list of titles`;
  }
  protected begin(): void {
    this.answering.set(null);
    this.report.set(null);
    this.ordering.set(true);
  }
  protected answer(q: AccessRequest): void {
    this.begin();
    this.answering.set(q);
  }
  protected async afterSharing(sentence: string): Promise<void> {
    this.ordering.set(false);
    this.answering.set(null);
    this.person.say(sentence);
    await this.load();
  }
  protected async dismiss(q: AccessRequest): Promise<void> {
    try {
      await this.person.need().answerRequest(q.id, 'refused');
      this.requests.update((all) => all.filter((x) => x.id !== q.id));
    } catch (e) {
      this.fault.set(faultOf(e));
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
