// SPDX-License-Identifier: Apache-2.0
// The summary in the order of the International Patient Summary; nothing is left silent.
import { ApplicationRef, ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { NgTemplateOutlet } from '@angular/common';
import { RouterLink } from '@angular/router';
import { Icon } from '../ui/icon';
import { Plot, Spark } from '../ui/plot';
import { Qr } from '../ui/qr';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import { absence } from '../fhir/absence';
import { rangeWords } from '../fhir/range';
import { str } from '../fhir/read';
import { rows, type Row, type SectionId } from '../fhir/summary';
import { drawn, pointText, trends, type Trend } from '../fhir/trend';
import { dateTimeText, judgement } from '../fhir/value';
import { absenceNote, absenceTitle, absentWords, dosageWords, outsideWord, reasonWords, say, standingWords, titleWords } from '../fhir/words';
import { fhirDate, moment, nowS, number } from '../state/words';
import { authorText } from './author';
import { extent } from './extent';

const FEW = 6;
const FIRST = 40; // records that are listed and opened before the rest
/** A line of a section: a row, or that none of its kind are known of. */
interface Item { key: string; title: string; note: string; date: string; isSoft: boolean; record: string; place: string | undefined; isForPaper?: boolean; }
/** hidden: behind "show more"; notPrinted: of these, what is not in force. */
interface Section { id: SectionId; title: string; items: Item[]; hidden: number; notPrinted: number; }
/** A result by test, its newest value in words. */
interface Result { key: string; trend: Trend; title: string; date: string; note: string; value: string; unit: string; outside: string; hasCourse: boolean; }

@Component({
  imports: [RouterLink, Icon, Spark, Plot, Qr, NgTemplateOutlet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack', '(window:beforeprint)': 'beforePrint()' },
  template: `
    <div class="page-head">
      <h1 i18n>Summary</h1>
      <button type="button" class="button no-print" (click)="print()"><ehr-icon name="print" /><span i18n>Print</span></button>
    </div>
    <div class="reading" role="status">
      @if (chart.isReading() && chart.fault()) {}
      @else if (chart.isReading()) { <p class="small soft" i18n>Opening and checking: {{ chart.opened() }} of {{ chart.toOpen() || chart.items().length }}</p><div class="bar"><i [style.width.%]="part()"></i></div> }
      @else { <p class="small soft">{{ checkedText() }}</p> }
      @if (printedAt(); as p) { <p class="small only-print" i18n>Printed on {{ p }}</p> }
    </div>
    @if (early()) {
      <div class="cols" aria-hidden="true">@for (i of [1, 2, 3, 4]; track i) { <div class="card stack-s"><span class="skeleton head"></span><ng-container [ngTemplateOutlet]="wait" /></div> }</div>
    } @else {
    <div class="cols">
      @for (col of first(); track $index) { <div class="col">@for (s of col; track s.id) { <ng-container [ngTemplateOutlet]="box" [ngTemplateOutletContext]="{ $implicit: s }" /> }</div> }
    </div>
    <div class="cols">
      @for (g of measured(); track g.id) {
        <section class="card" [attr.aria-labelledby]="'s-' + g.id">
          <h2 [id]="'s-' + g.id">{{ g.title }}</h2>
          @if (!g.trends.length) {
            @if (chart.isReading()) { <ng-container [ngTemplateOutlet]="wait" /> } @else { <p class="soft">{{ noInformation() }}</p> }
          }
          <ul class="list">
            @for (t of g.shown; track t.key) {
              <li>
                <button type="button" class="line" (click)="toggle(t.key)" [attr.aria-expanded]="open() === t.key">
                  <span class="line-body"><span class="line-title">{{ t.title }}</span><span class="small soft">{{ t.date }}@if (t.note) { · {{ t.note }} }</span></span>
                  @if (t.hasCourse) { <span class="course"><ehr-spark [trend]="t.trend" /></span> }
                  <span class="value num" [class.words]="!t.trend.last.quantity" [class.out]="t.outside">@if (t.outside) { <ehr-icon name="warn" /><span class="visually-hidden">{{ t.outside }}</span> } <b>{{ t.value }}</b> <span class="small">{{ t.unit }}</span></span>
                </button>
                @if (open() === t.key) { <ehr-plot [trend]="t.trend" /> }
              </li>
            }
          </ul>
          @if (g.trends.length > g.shown.length) { <button type="button" class="button quiet no-print" (click)="all(g.id)" i18n>Show all {{ g.trends.length }}</button><p class="small only-print" i18n>{{ g.trends.length - g.shown.length }} more are not printed</p> }
        </section>
      }
    </div>
    <div class="cols">
      @for (col of rest(); track $index) {
        <div class="col">
          @for (s of col; track s.id) { <ng-container [ngTemplateOutlet]="box" [ngTemplateOutletContext]="{ $implicit: s }" /> }
          @if ($last) {
            <section class="card" aria-labelledby="s-documents">
              <h2 id="s-documents" i18n>Documents</h2>
              @if (!documents().length) { @if (chart.listed()) { <p class="soft">{{ noInformation() }}</p> } @else { <ng-container [ngTemplateOutlet]="wait" /> } }
              <ul class="list">
                @for (d of documents(); track d.recordId) {
                  <li><a class="line" [routerLink]="['../record', d.recordId]"><span class="line-body"><span class="line-title">{{ d.meta?.title }}</span><span class="small soft">{{ authorText(d) }}</span></span><span class="line-side">{{ date(d.meta?.creation || d.meta?.date || '') }}</span></a></li>
                }
              </ul>
              @if (documentsMore(); as n) { <p class="small soft" i18n>{{ n }} more under Documents</p> }
            </section>
          }
        </div>
      }
    </div>
    }

    @if (shareLink(); as link) {
      <div class="only-print code"><ehr-qr [text]="link" label="Code to ask for access" i18n-label /><p class="small" i18n>Scan this to ask for access to the whole record. It opens nothing by itself.</p></div>
    }

    <ng-template #wait><span class="stack-s" aria-hidden="true">@for (i of [1, 2, 3, 4, 5, 6]; track i) { <span class="skeleton row-tall"></span> }</span></ng-template>
    <ng-template #box let-s>
      <section class="card" [class]="'o-' + s.id" [attr.aria-labelledby]="'s-' + s.id">
        <h2 [id]="'s-' + s.id">{{ s.title }}</h2>
        @if (!s.items.length) {
          @if (chart.isReading()) { <ng-container [ngTemplateOutlet]="wait" /> } @else { <p class="soft">{{ noInformation() }}</p> }
        }
        <ul class="list">
          @for (r of s.items; track r.key) {
            <li [class.only-print]="r.isForPaper"><a class="line" [routerLink]="['../record', r.record]" [fragment]="r.place">
              <span class="line-body"><span class="line-title" [class.soft]="r.isSoft">{{ r.title }}</span>@if (r.note) { <span class="small soft">{{ r.note }}</span> }</span>
              <span class="line-side">{{ date(r.date) }}</span></a></li>
          }
        </ul>
        @if (s.hidden) { <button type="button" class="button quiet no-print" (click)="all(s.id)" i18n>Show {{ s.hidden }} more</button> }
        @if (s.notPrinted) { <p class="small only-print" i18n>{{ s.notPrinted }} more, none of them in force, are not printed</p> }
      </section>
    </ng-template>
  `,
  styles: `
    .cols { display: grid; gap: var(--s4); grid-template-columns: 1fr 1fr; align-items: start; }
    .col { display: grid; gap: var(--s4); min-width: 0; align-content: start; }
    .course { flex: none; width: 96px; }
    .value { flex: none; width: 7.5rem; text-align: end; overflow-wrap: anywhere; } .value.words { width: auto; max-width: 45%; } .value.out { color: var(--red); } .value ehr-icon { vertical-align: -4px; }
    .reading { display: grid; gap: 4px; min-height: 32px; align-content: center; } .row-tall { height: 44px; } .head { width: 10rem; height: 26px; }
    /* One column: the order of the International Patient Summary. */
    @media (max-width: 819px) {
      .cols { display: flex; flex-direction: column; align-items: stretch; } .col { display: contents; }
      .o-problems { order: 1; } .o-allergies { order: 2; } .o-medications { order: 3; } .o-immunisations { order: 4; }
    }
    @media (min-width: 820px) and (max-width: 1139px) { .course { width: 56px; } .value { width: 6rem; } }
    @media (max-width: 479px) { .course { display: none; } .value { width: 6.5rem; } }
    .code ehr-qr { width: 110px; }
    @media print { .cols { gap: 6px; } .col { gap: 6px; } }
  `,
})
export class SummaryPage {
  /** Too little is open to say what there is: cards that are filled one by one would push each other about. */
  protected readonly early = computed(() => this.chart.isReading() && this.chart.opened() < FIRST);
  protected readonly chart = inject(Chart);
  private readonly person = inject(Person);
  /** On paper: how a physician asks for access to this person's record. */
  protected readonly shareLink = computed(() => (this.chart.folder()?.mine ? `${location.origin}/requests#patient=${this.person.session()?.account ?? ''}` : ''));
  private readonly app = inject(ApplicationRef);
  protected readonly printedAt = signal('');
  protected readonly open = signal('');
  private readonly full = signal<Record<string, boolean>>({});
  protected readonly date = fhirDate;
  protected readonly authorText = authorText;
  /** Nothing is called absent while there is a record that could not be opened. */
  protected readonly noInformation = computed(() => absentWords(this.chart.isOpening(), this.chart.unread().length > 0));
  protected readonly part = computed(() => (100 * this.chart.opened()) / Math.max(1, this.chart.toOpen()));

  protected readonly checkedText = computed(() => {
    const all = this.chart.clinical().length;
    const opened = all - this.chart.unread().length;
    const documents = this.chart.items().filter((i) => i.status === 'active' && i.meta).length - this.chart.clinical().filter((i) => i.meta).length;
    if (this.chart.recalled() && this.chart.fault()) return $localize`As checked on ${moment(this.chart.recalled() / 1000)}:date: on this device; it could not be checked anew`;
    if (this.chart.recalled()) return $localize`As checked on ${moment(this.chart.recalled() / 1000)}:date: on this device; being checked anew…`;
    const checked = opened < all
      ? $localize`${number(opened)}:count: of ${number(all)}:all: records opened and checked on this device`
      : $localize`${number(all)}:count: records, each opened and checked on this device`;
    const text = documents ? $localize`${checked}:checked: · documents, checked when you open them: ${number(documents)}:count:` : checked;
    return this.chart.checkedAt() ? `${text} · ${moment(this.chart.checkedAt() / 1000)}` : text;
  });
  /** isAllShown: what is in force is never behind "show more". */
  private section(id: SectionId, title: string, note: (r: Row) => string, isAllShown = false): Section {
    const entries = this.chart.sections()[id];
    const found = rows(entries);
    const inForce = found.filter((r) => r.isInForce).length;
    const { shown, printed } = extent(found.length, inForce, isAllShown, this.full()[id] === true);
    const items = found.slice(0, printed).map((r, i) => ({ ...itemOf(r, note(r)), isForPaper: i >= shown }));
    return { id, title, items: [...items.slice(0, inForce), ...this.noneKnown(id, found), ...items.slice(inForce)], hidden: found.length - shown, notPrinted: found.length - printed };
  }
  /** That none are known of is said only once all is open, and never beside one that is in force. */
  private noneKnown(id: SectionId, found: Row[]): Item[] {
    const { noneKnown, parts } = absence(this.chart.sections()[id]);
    const all = noneKnown && !found.some((r) => r.isInForce && r.standing.negations.length === 0) ? [noneKnown] : [];
    const said = this.chart.isOpening() || this.chart.unread().length ? [] : [...all, ...(all.length ? [] : parts)];
    return said.map((e) => ({ key: `none/${e.recordId}/${e.index}`, title: absenceTitle(e), note: absenceNote(e), date: e.date, isSoft: true, record: e.recordId, place: placeOf(e) }));
  }
  /** Two columns; a phone shows one, in the order of the International Patient Summary. */
  protected readonly first = computed(() => [
    [
      this.section('problems', $localize`Problems`, (r) => standingWords(r.standing, 'Condition')),
      this.section('immunisations', $localize`Immunisations`, event),
    ],
    [
      this.section('allergies', $localize`Allergies`, (r) => [standingWords(r.standing, 'AllergyIntolerance', r.isInForce && r.standing.status !== ''), criticality(r)].filter(Boolean).join(' · '), true),
      this.section('medications', $localize`Medications`, (r) => [standingWords(r.standing, 'MedicationRequest'), dosageWords(r), reasonWords(r.entries[0]!.resource)].filter(Boolean).join(' · '), true),
    ],
  ]);
  protected readonly rest = computed(() => [
    [
      this.section('procedures', $localize`Procedures`, event),
      this.section('plans', $localize`Plans`, (r) => standingWords(r.standing, 'CarePlan')),
    ],
    [this.section('encounters', $localize`Visits`, (r) => [standingWords(r.standing, 'Encounter', true), str(r.entries[0]!.resource, 'serviceProvider.display')].filter(Boolean).join(' · '))],
  ]);
  private readonly trends = computed(() => {
    const s = this.chart.sections();
    return { results: trends(s.results), vitals: trends(s.vitals) };
  });
  protected readonly measured = computed(() =>
    ([['results', $localize`Results`], ['vitals', $localize`Vital signs`]] as const).map(([id, title]) => {
      const all = this.trends()[id];
      const shown = this.full()[id] ? all : all.slice(0, FEW + 2);
      return { id, title, trends: all, shown: shown.map(resultOf) };
    }),
  );
  private readonly allDocuments = computed(() =>
    this.chart.items()
      .filter((i) => i.status === 'active' && i.meta && !/json/.test(i.meta.contentType))
      .sort((a, b) => b.time - a.time),
  );
  protected readonly documents = computed(() => this.allDocuments().slice(0, FEW));
  protected readonly documentsMore = computed(() => this.allDocuments().length - this.documents().length);
  protected toggle(key: string): void {
    this.open.set(this.open() === key ? '' : key);
  }
  protected all(id: string): void {
    this.full.update((f) => ({ ...f, [id]: true }));
  }
  protected print(): void {
    print();
  }
  /** By the button or by the browser: the paper says what time it is of. */
  protected beforePrint(): void {
    this.printedAt.set(moment(nowS()));
    this.app.tick(); // the browser takes the page as it stands after this event
  }
}

const placeOf = (e: { index: number | null }): string | undefined => (e.index !== null ? `e${e.index}` : undefined);
function itemOf(r: Row, note: string): Item {
  const e = r.entries[0]!;
  return { key: r.key, title: titleWords(r.title, r.standing), note, date: r.date, isSoft: !r.isInForce, record: e.recordId, place: placeOf(e) };
}
/** What happened needs no status; what did not, or not yet, does, with the reason. */
function event(r: Row): string {
  const said = standingWords(r.standing, r.entries[0]!.type, r.standing.status !== '');
  return [said, r.standing.weight === 'active' ? '' : reasonWords(r.entries[0]!.resource)].filter(Boolean).join(' · ');
}
function resultOf(t: Trend): Result {
  const p = t.last;
  const range = rangeWords(p.source, t.unit, say);
  const normal = range.text && (range.isNormal ? $localize`normal ${range.text}:range:` : range.text);
  const note = [normal, judgement(p.source, say), standingWords(p.standing, 'Observation', true)].filter(Boolean).join(' · ');
  return {
    key: t.key, trend: t, title: t.title, date: dateTimeText(p.date, say) || $localize`undated`, note, value: pointText(p, say) || '–', unit: p.quantity ? t.unit : '',
    outside: outsideWord(p.outside), hasCourse: drawn(t).length > 1,
  };
}
function criticality(r: Row): string {
  if (r.standing.weight !== 'active') return '';
  switch (str(r.entries[0]!.resource, 'criticality')) {
    case 'high': return $localize`high risk, as it was judged`;
    case 'low': return $localize`low risk, as it was judged`;
    default: return '';
  }
}
