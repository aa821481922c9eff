// SPDX-License-Identifier: Apache-2.0
// Everything, newest first, grouped by visit; a filter that reads as a sentence; search while typing.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport } from '@angular/cdk/scrolling';
import { FormsModule } from '@angular/forms';
import { RouterLink } from '@angular/router';
import { authorText } from './author';
import { Chart, byRecord } from '../state/chart';
import { Person } from '../state/person';
import type { RecordItem } from '../state/core';
import type { Entry } from '../fhir/summary';
import { instantOf, newestFirst } from '../fhir/order';
import { standing } from '../fhir/standing';
import { hasValue, judgement, valueOf } from '../fhir/value';
import { entryTitle, kindWord, reasonWords, say, standingWords } from '../fhir/words';
import { categoryWord, fhirDate, number } from '../state/words';

interface Line {
  key: string;
  head: boolean;
  title: string;
  note: string;
  date: string;
  record: string;
  entry: number | null;
  category: string;
  bad: string;
  of: Entry | null; // its note is made when the line is drawn: a letter of a search may find thousands
}
const NONE = '-'; // the wish for records of no kind, which is another one than the wish for all
const QUIET = new Set(['Claim', 'ExplanationOfBenefit', 'Provenance', 'Encounter', 'Patient']);
/** A visit is the head of its lines; that it was cancelled or never took place is a line of its own. */
const isQuiet = (e: Entry): boolean => QUIET.has(e.type) && !(e.type === 'Encounter' && ['not', 'void'].includes(standing(e.resource).weight));

@Component({
  imports: [FormsModule, RouterLink, CdkVirtualScrollViewport, CdkFixedSizeVirtualScroll, CdkVirtualForOf],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Timeline</h1></div>
    <form class="tools" (ngSubmit)="(0)" role="search">
      <div class="field">
        <label for="find" i18n>Search in everything</label>
        <input id="find" name="find" type="search" autocomplete="off" [ngModel]="words()" (ngModelChange)="words.set($event)">
      </div>
      <p class="sentence-filter">
        <span i18n>Show</span>
        <select name="cat" aria-label="Kind" i18n-aria-label [ngModel]="category()" (ngModelChange)="category.set($event)">
          <option value="" i18n>everything but billing</option>
          @for (c of categories(); track c) { <option [value]="c || NONE">{{ categoryWord(c) }}</option> }
        </select>
        <span i18n>from</span>
        <select name="span" aria-label="Time" i18n-aria-label [ngModel]="span()" (ngModelChange)="span.set($event)">
          <option [ngValue]="0" i18n>all years</option>
          <option [ngValue]="1" i18n>the last 12 months</option>
          <option [ngValue]="5" i18n>the last 5 years</option>
          <option [ngValue]="10" i18n>the last 10 years</option>
        </select>
      </p>
    </form>
    <p class="small soft" role="status" aria-live="polite">{{ shownText() }}</p>
    @if (!lines().length) {
      @if (chart.isReading()) { @for (i of [1, 2, 3, 4, 5]; track i) { <span class="skeleton tall"></span> } }
      @else { <p class="empty" i18n>Nothing fits. Try fewer words or all years.</p> }
    } @else {
      <cdk-virtual-scroll-viewport itemSize="60" minBufferPx="600" maxBufferPx="1200" class="viewport" tabindex="0" role="region" aria-label="Timeline" i18n-aria-label>
        <div role="list">
        <div *cdkVirtualFor="let l of lines(); trackBy: keyOf; templateCacheSize: 40" class="item" role="listitem" [class.head]="l.head">
          @if (l.head) {
            <p class="visit"><b>{{ l.title }}</b> <span class="soft small">{{ date(l.date) }}</span></p>
          } @else {
            <a class="line" [routerLink]="['../record', l.record]" [fragment]="l.entry !== null ? 'e' + l.entry : undefined">
              <span class="line-body"><span class="line-title clip">{{ titleOf(l) }}</span><span class="small soft clip">{{ noteOf(l) }}</span></span>
              @if (l.bad) { <span class="tag bad">{{ l.bad }}</span> }
              <span class="line-side">{{ date(l.date) }}</span>
            </a>
          }
        </div>
        </div>
      </cdk-virtual-scroll-viewport>
    }
  `,
  styles: `
    .tools { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: end; }
    .field { max-width: none; flex: 1 1 320px; }
    .sentence-filter { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
    .sentence-filter select { width: auto; max-width: 100%; }
    .viewport { height: max(420px, calc(100dvh - 330px)); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
    .item { height: 60px; padding: 0 16px; border-bottom: 1px solid var(--line); display: flex; align-items: center; overflow: hidden; }
    .item.head { background: var(--sunken); } .visit { display: flex; gap: 12px; align-items: baseline; min-width: 0; width: 100%; } .visit b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .visit span { flex: none; margin-inline-start: auto; }
    .clip { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .tall { height: 60px; }
  `,
})
export class TimelinePage {
  protected readonly chart = inject(Chart);
  private readonly person = inject(Person);
  protected readonly words = signal('');
  protected readonly category = signal('');
  protected readonly span = signal(0);
  protected readonly date = fhirDate;
  protected readonly noteOf = noteOf;
  protected readonly titleOf = (l: Line): string => (l.of ? entryTitle(l.of) : l.title);
  protected readonly NONE = NONE;
  protected readonly categoryWord = categoryWord;
  protected readonly keyOf = (_: number, l: Line): string => l.key;

  protected readonly categories = computed(() => [...new Set(this.chart.items().map((i) => i.meta?.category ?? ''))].sort());
  private readonly entriesByRecord = computed(() => {
    return byRecord(this.chart.entries());
  });
  private readonly hits = computed(() => {
    const text = this.words().trim();
    const session = this.person.session();
    this.chart.opened();
    this.chart.items();
    this.chart.indexed();
    if (!text || !session) return null;
    const by = new Map<string, Set<number | null>>();
    for (const h of session.search.query(text, { folderId: this.chart.folder()?.folderId, limit: 5000 })) {
      const set = by.get(h.recordId) ?? new Set<number | null>();
      set.add(h.entry);
      by.set(h.recordId, set);
    }
    return by;
  });
  private readonly kept = computed(() => {
    const wanted = this.category();
    const since = this.span() ? Date.now() - this.span() * 365.25 * 86400_000 : 0;
    const hits = this.hits();
    return this.chart.items().filter((i) => {
      const c = i.meta?.category ?? '';
      if (wanted ? c !== (wanted === NONE ? '' : wanted) : c === 'billing' || c === 'provenance') return hits ? hits.has(i.recordId) && !wanted : false;
      if (since && instantOf(clinicalDate(i)) < since) return false;
      return !hits || hits.has(i.recordId);
    });
  });
  protected readonly lines = computed(() => {
    const hits = this.hits();
    const groups = new Map<string, { title: string; date: string; items: RecordItem[] }>();
    for (const i of this.kept()) {
      const { key, title, date } = placeOf(i);
      const g = groups.get(key) ?? { title, date, items: [] };
      g.items.push(i);
      groups.set(key, g);
    }
    const out: Line[] = [];
    for (const [key, g] of [...groups].sort((a, b) => newestFirst(a[1].date, b[1].date))) {
      out.push({ key, head: true, title: g.title, note: '', date: g.date, record: '', entry: null, category: '', bad: '', of: null });
      for (const i of g.items) out.push(...this.linesOf(i, hits?.get(i.recordId) ?? null));
    }
    return out;
  });
  private linesOf(i: RecordItem, hit: Set<number | null> | null): Line[] {
    const category = i.meta?.category ?? '';
    const base = { head: false, of: null, record: i.recordId, category, date: clinicalDate(i), bad: i.error ? $localize`check failed` : i.status === 'entered-in-error' ? $localize`entered in error` : i.status === 'removed' ? $localize`removed` : '' };
    const inside = (this.entriesByRecord().get(i.recordId) ?? []).filter((e) => (category === 'billing' || !isQuiet(e)) && (!hit || hit.has(null) || hit.has(e.index)));
    if (!inside.length) return [{ ...base, key: i.recordId, title: i.meta?.title ?? $localize`A record that cannot be shown`, note: i.error?.message ?? [categoryWord(category), authorText(i)].filter(Boolean).join(' · '), entry: null }];
    return inside.map((e) => ({ ...base, key: `${i.recordId}/${e.index}`, title: e.title, note: '', of: e, date: e.date || base.date, entry: e.index }));
  }
  protected readonly shownText = computed(() => {
    const shown = this.lines().filter((l) => !l.head).length;
    const all = this.chart.entries().filter((e) => !isQuiet(e)).length + this.chart.items().filter((i) => !this.entriesByRecord().has(i.recordId)).length;
    const count = $localize`${number(shown)}:shown: of ${number(Math.max(shown, all))}:all: shown`;
    return this.chart.isOpening() ? $localize`${count}:count:, still opening` : count;
  });
}

function clinicalDate(i: RecordItem): string {
  return i.meta?.creation || i.meta?.date || new Date(i.time * 1000).toISOString();
}
/** Visit and date of an item: asked for at every letter of a search, found once. */
const places = new WeakMap<RecordItem, { key: string; title: string; date: string }>();
function placeOf(i: RecordItem): { key: string; title: string; date: string } {
  let p = places.get(i);
  if (p === undefined) {
    const [title, date] = [visitOf(i), clinicalDate(i)];
    places.set(i, (p = { key: `${date.slice(0, 10)}|${title}`, title, date }));
  }
  return p;
}
/** The title of a chart's record is "visit date: category"; the visit is what lines are grouped by. */
function visitOf(i: RecordItem): string {
  if (i.meta && !/json/.test(i.meta.contentType)) return $localize`Documents`;
  const t = i.meta?.title ?? '';
  const m = /^(.+?)(?: \d{4}-\d\d-\d\d)?: [^:]+$/.exec(t);
  const visit = m && i.meta && /json/.test(i.meta.contentType) ? m[1]! : categoryWord(i.meta?.category ?? '');
  return visit.replace(/ \((procedure|environment|finding)\)/g, '');
}
function noteOf(l: Line): string {
  const e = l.of;
  if (e === null) return l.note;
  const s = standing(e.resource);
  const value = e.type === 'Observation' ? [valueOf(e.resource, say), hasValue(e.resource) ? judgement(e.resource, say) : ''] : [];
  const reason = s.weight === 'active' || s.weight === 'void' ? '' : reasonWords(e.resource);
  return [kindWord(e, s), ...value, standingWords(s, e.type, true), reason].filter(Boolean).join(' · ');
}
