// SPDX-License-Identifier: Apache-2.0
// Who looked, and when: the folder's access log, checked.
import { ChangeDetectionStrategy, Component, computed, effect, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { FaultNote } from '../ui/fault';
import { ProofPanel } from '../ui/proof';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import type { AccessEntry, AccessLog, Folder } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { moment, number, short } from '../state/words';

interface Visit { key: string; name: string; time: number; what: string; refused: boolean; signed: boolean; }

@Component({
  imports: [FormsModule, FaultNote, ProofPanel],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Activity</h1>
      <label class="choice"><input type="checkbox" name="own" [(ngModel)]="own"> <span i18n>also what I did</span></label></div>
    <p class="soft measure" i18n>Everything that was given out, stored or refused in your folders, with the reader's own signature.</p>
    <ehr-fault [fault]="fault()" />
    @if (log(); as l) { <ehr-proof [checks]="l.checks" /> }
    @if (!log() && !fault()) { @for (i of [1, 2, 3, 4]; track i) { <span class="skeleton tall"></span> } }
    @if (log()) {
      <p class="small soft" role="status">{{ shownText() }}</p>
      <ul class="list card">
        @for (v of visits().slice(0, limit()); track v.key) {
          <li class="line"><span class="line-body"><span class="line-title">{{ v.name }}</span><span class="small soft">{{ v.what }}</span></span>
            @if (v.refused) { <span class="tag warn" i18n>refused</span> }
            @if (!v.signed) { <span class="tag bad" i18n>signature missing</span> }
            <span class="line-side">{{ moment(v.time) }}</span></li>
        } @empty { <li class="soft" i18n>Nobody else has looked.</li> }
      </ul>
      @if (visits().length > limit()) { <button type="button" class="button" (click)="limit.set(limit() + 200)" i18n>Show more</button> }
    }
  `,
  styles: `.tall { height: 60px; }`,
})
export class ActivityPage {
  private readonly person = inject(Person);
  private readonly chart = inject(Chart);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly log = signal<AccessLog | null>(null);
  protected readonly own = signal(false);
  protected readonly limit = signal(100);
  private readonly folder = signal<Folder | null>(null);
  protected readonly moment = moment;

  /** Requests of one person for one thing within a minute are one visit. */
  protected readonly visits = computed<Visit[]>(() => {
    const me = this.person.session()?.account;
    const mine = this.folder()?.owner;
    const kept = (this.log()?.entries ?? []).filter((e) => this.own() || (e.signer !== me && e.signer !== mine));
    const out: (Visit & { n: number; first: AccessEntry })[] = [];
    for (const e of kept) {
      const last = out.at(-1);
      if (last && last.first.signer === e.signer && last.first.action === e.action && last.first.outcome === e.outcome && Math.abs(last.time - e.time) < 60) {
        last.n++;
        last.what = this.what(e, last.n);
        last.signed &&= e.signed;
      } else out.push({ key: String(e.seq), name: e.name || short(e.signer), time: e.time, what: this.what(e, 1), refused: e.outcome === 'refused', signed: e.signed || e.outcome === 'refused', n: 1, first: e });
    }
    return out;
  });
  protected readonly shownText = computed(() => $localize`${number(Math.min(this.limit(), this.visits().length))}:shown: of ${number(this.visits().length)}:all: shown`);

  constructor() {
    effect(() => void this.load());
  }
  private async load(): Promise<void> {
    try {
      const f = this.chart.folder()?.mine ? this.chart.folder() : ((this.chart.folders() ?? (await this.chart.loadFolders())).find((x) => x.mine) ?? null);
      this.folder.set(f);
      this.log.set(f ? await this.person.need().accessLog(f.folderId) : { entries: [], checks: [] });
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  private what(e: AccessEntry, n: number): string {
    const title = e.record && n === 1 ? this.chart.byId().get(e.record)?.meta?.title : undefined;
    const count = number(n);
    if (e.outcome === 'refused') return $localize`tried to open something of this folder: ${e.reason}:reason:`;
    switch (e.action) {
      case 'body':
        if (e.outcome === 'stored') return $localize`added ${count}:count: documents`;
        return title ? $localize`opened “${title}:title:”` : $localize`opened ${count}:count: documents`;
      case 'envelope':
        return e.outcome === 'stored' ? $localize`added ${count}:count: entries` : $localize`saw titles of ${count}:count: entries`;
      case 'records': return $localize`listed what is there`;
      case 'wrap': case 'unwrap': case 'key': case 'keys': return $localize`fetched keys of the folder`;
      default: return e.action;
    }
  }
}
