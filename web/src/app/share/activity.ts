// SPDX-License-Identifier: Apache-2.0
// Who looked, and when: the folder's access log, checked.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { FaultNote } from '../ui/fault';
import { ProofPanel } from '../ui/proof';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import type { AccessEntry, AccessLog, Address, Folder, Hash } from '../state/core';
import { Reading } from '../state/reading';
import { list, moment, number, short } from '../state/words';
import { whenBack } from '../ui/when-back';
import { refusalWords } from './refusals';

/** The log lacks the hash of what was sent, so nobody can tell whose signature a change bears. */
export const isUnchecked = (v: { refused: boolean; entries: Pick<AccessEntry, 'signed'>[] }): boolean => !v.refused && v.entries.some((e) => e.signed === null);
interface Visit { key: string; signer: Address; name: string; time: number; from: number; refused: boolean; signed: boolean; entries: AccessEntry[]; }
const PAUSE_S = 600;

@Component({
  imports: [FormsModule, FaultNote, ProofPanel],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Activity</h1>
      <label class="choice"><input type="checkbox" name="own" [(ngModel)]="own"> <span i18n>also what I did</span></label></div>
    @if (folder(); as f) {
      @if (mine().length > 1) {
        <label class="row"><span i18n>Folder</span> <select class="of" name="of" [ngModel]="f.folderId" (ngModelChange)="choose($event)">@for (m of mine(); track m.folderId) { <option [value]="m.folderId">{{ m.name }}</option> }</select></label>
      } @else { <p><span class="soft" i18n>Folder</span> <b>{{ f.name }}</b></p> }
    }
    <p class="soft measure" i18n>Who opened, added or was refused something in this folder. Each reading carries the person's own signature.</p>
    <ehr-fault [fault]="reading.fault()"><button type="button" class="button" (click)="load()" i18n>Try again</button></ehr-fault>
    @if (log(); as l) { <ehr-proof [checks]="l.checks" /> }
    @if (!log() && reading.isWaiting()) { @for (i of [1, 2, 3, 4]; track i) { <span class="skeleton tall"></span> } }
    @if (log()) {
      <p class="small soft" role="status">{{ shownText() }}</p>
      <ul class="list card">
        @for (v of visits().slice(0, limit()); track v.key) {
          <li class="line folds"><span class="line-body"><span class="line-title">{{ v.name }}</span><span class="small soft">{{ what(v) }}</span></span>
            @if (v.refused) { <span class="tag warn" i18n>refused</span> }
            @if (!v.signed) { <span class="tag bad" i18n>signature missing</span> }
            @else if (isUnchecked(v)) { <span class="tag" i18n>signature not checked</span> }
            <span class="line-side">{{ moment(v.from) }}</span></li>
        } @empty { <li class="soft" i18n>Nobody else has looked.</li> }
      </ul>
      @if (visits().length > limit()) { <button type="button" class="button" (click)="limit.set(limit() + 200)" i18n>Show more</button> }
    }
  `,
  styles: `.tall { height: 60px; } .of { width: auto; max-width: 100%; }`,
})
export class ActivityPage {
  private readonly person = inject(Person);
  private readonly chart = inject(Chart);
  protected readonly reading = new Reading();
  protected readonly log = signal<AccessLog | null>(null);
  protected readonly own = signal(false);
  protected readonly limit = signal(100);
  protected readonly mine = computed(() => (this.chart.folders() ?? []).filter((f) => f.mine));
  /** Whose log is shown, or asked for. */
  protected readonly folder = signal<Folder | null>(null);
  protected readonly moment = moment;
  protected readonly isUnchecked = isUnchecked;

  /** What one person did without a pause of ten minutes is one visit. */
  protected readonly visits = computed<Visit[]>(() => {
    const me = this.person.session()?.account;
    const mine = this.folder()?.owner;
    const kept = (this.log()?.entries ?? []).filter((e) => this.own() || (e.who !== me && e.who !== mine));
    const out: Visit[] = [];
    for (const e of kept) {
      const refused = e.outcome === 'refused';
      let v = out.at(-1);
      if (!v || v.signer !== e.who || v.refused !== refused || v.from - e.time > PAUSE_S)
        out.push((v = { key: String(e.seq), signer: e.who, name: e.name || $localize`Somebody unknown (${short(e.who)}:address:)`, time: e.time, from: e.time, refused, signed: true, entries: [] }));
      v.from = e.time;
      v.signed &&= refused || e.signed !== false;
      v.entries.push(e);
    }
    return out;
  });
  protected readonly shownText = computed(() => $localize`${number(Math.min(this.limit(), this.visits().length))}:shown: of ${number(this.visits().length)}:all: shown`);

  constructor() {
    void this.load();
    whenBack(() => void (this.reading.fault() ? this.load() : null));
  }
  protected choose(id: string): void {
    this.folder.set(this.mine().find((f) => f.folderId === id) ?? null);
    this.log.set(null); // nothing of one folder under the name of another
    void this.load();
  }
  protected load(): Promise<void> {
    return this.reading.run(async () => {
      const f = this.folder() ?? this.chart.ownOf(this.chart.folders() ?? (await this.chart.loadFolders())) ?? null;
      this.folder.set(f);
      const log: AccessLog = f ? await this.person.need().accessLog(f.folderId) : { entries: [], checks: [] };
      return () => this.log.set(log);
    });
  }
  /** In words; what fetches lists and keys is told only where nothing else was done. */
  protected what(v: Visit): string {
    if (v.refused) return $localize`tried to open something of this folder: ${list(refusalWords(v.entries.map((e) => e.reason)))}:reason:`;
    const unique = (action: string, outcome: string): string[] => [...new Set(v.entries.filter((e) => e.action === action && e.outcome === outcome).map((e) => e.record ?? String(e.seq)))];
    const opened = unique('body', 'released');
    const added = unique('envelope', 'stored').length;
    const erased = unique('erase', 'stored').length;
    const done: string[] = [];
    if (opened.length) done.push(this.openedText(opened));
    if (added) done.push(added === 1 ? $localize`added one entry` : $localize`added ${number(added)}:count: entries`);
    if (erased) done.push(erased === 1 ? $localize`erased one entry` : $localize`erased ${number(erased)}:count: entries`);
    if (done.length) return list(done);
    if (v.entries.some((e) => ['envelope', 'records'].includes(e.action))) return $localize`looked at the list of entries`;
    return v.entries.some((e) => e.outcome === 'stored') ? $localize`changed the folder's keys` : $localize`fetched the folder's key`;
  }
  private openedText(ids: string[]): string {
    const titles = ids.map((id) => this.chart.byId().get(id as Hash)?.meta?.title);
    if (ids.length <= 3 && titles.every((t) => t)) return $localize`opened ${list(titles.map((t) => `“${t}”`))}:titles:`;
    return ids.length === 1 ? $localize`opened one entry` : $localize`opened ${number(ids.length)}:count: entries`;
  }
}
