// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { rangeWords } from '../fhir/range';
import { drawn, pointText, type Point, type Trend } from '../fhir/trend';
import { dateTimeText, judgement } from '../fhir/value';
import { outsideWord, say, standingWords } from '../fhir/words';
import { decimal, fhirDate } from '../state/words';

type Dot = Point & { time: number };
interface Scale { x: (t: number) => number; y: (v: number) => number; lo: number; hi: number; }
const height = (p: Point): number => p.value ?? p.limit!.at;
function scale(t: Trend, dots: Dot[], w: number, h: number, pad: number): Scale {
  const { low, high } = t.last.bounds;
  const values = dots.map(height).concat([low, high].filter((v) => v !== null));
  let lo = Math.min(...values);
  let hi = Math.max(...values);
  if (lo === hi) {
    lo -= Math.abs(lo) * 0.1 || 1;
    hi += Math.abs(hi) * 0.1 || 1;
  }
  const t0 = dots[0]?.time ?? 0;
  const span = (dots.at(-1)?.time ?? 0) - t0 || 1;
  return { x: (time) => pad + (dots.length > 1 ? (time - t0) / span : 0.5) * (w - 2 * pad), y: (v) => h - pad - ((v - lo) / (hi - lo)) * (h - 2 * pad), lo, hi };
}
/** Joins exact values; where a measurement ended at its limit the line ends too, and a value alone is a dot (h0). */
function line(dots: Dot[], s: Scale): string {
  return dots.map((p, i) => {
    if (p.value === null) return '';
    const to = `${s.x(p.time).toFixed(1)} ${s.y(p.value).toFixed(1)}`;
    return dots[i - 1]?.value != null ? `L${to}` : `M${to}h0`;
  }).join('');
}
/** A triangle that points to where the value lies: beyond the limit of the measurement. */
function triangle(p: Dot, s: Scale, r: number): string {
  const [x, y, to] = [s.x(p.time), s.y(p.limit!.at), p.limit!.side === 'below' ? r : -r];
  return `M${(x - r).toFixed(1)} ${y.toFixed(1)}h${2 * r}l${-r} ${1.5 * to}z`;
}
const limits = (dots: Dot[], s: Scale, r: number): string[] => dots.filter((p) => p.limit).map((p) => triangle(p, s, r));

/** The course of a value in the space of a word; the numbers stand beside it. */
@Component({
  selector: 'ehr-spark',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg viewBox="0 0 96 28" width="96" height="28" aria-hidden="true">
    @if (band(); as b) { <rect class="band" x="0" [attr.y]="b.y" width="96" [attr.height]="b.h" /> }
    <path [attr.d]="path()" />@for (d of marks(); track $index) { <path class="limit" [attr.d]="d" /> }@if (end(); as e) { <circle [attr.cx]="e.x" [attr.cy]="e.y" r="2.6" /> }</svg>`,
  styles: `:host { flex: none; } svg { max-width: 100%; } path { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; } circle, path.limit { fill: var(--accent); } .band { fill: var(--accent-soft); }`,
})
export class Spark {
  readonly trend = input.required<Trend>();
  private readonly dots = computed(() => drawn(this.trend()));
  private readonly s = computed(() => scale(this.trend(), this.dots(), 96, 28, 4));
  protected readonly path = computed(() => line(this.dots(), this.s()));
  protected readonly marks = computed(() => limits(this.dots(), this.s(), 2.6));
  protected readonly end = computed(() => {
    const p = this.dots().at(-1)!;
    return p.value === null ? null : { x: this.s().x(p.time), y: this.s().y(p.value) };
  });
  protected readonly band = computed(() => bandOf(this.trend(), this.s()));
}
function bandOf(t: Trend, s: Scale): { y: number; h: number } | null {
  const { low, high } = t.last.bounds;
  if (low === null && high === null) return null;
  const top = s.y(high ?? s.hi);
  return { y: top, h: Math.max(0, s.y(low ?? s.lo) - top) };
}

/** The plot, with the table of the same numbers. */
@Component({
  selector: 'ehr-plot',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <figure class="plot">
      @if (all().length) {
      <div>
        <svg viewBox="0 0 560 240" role="img" [attr.aria-label]="label()">
          @if (band(); as b) { <rect class="band" x="44" [attr.y]="b.y" width="508" [attr.height]="b.h" /> }
          @for (g of ticks(); track g.y) { <line x1="44" x2="552" [attr.y1]="g.y" [attr.y2]="g.y" /><text x="38" [attr.y]="g.y + 4" text-anchor="end">{{ g.text }}</text> }
          <g transform="translate(32 0)"><path [attr.d]="path()" />
            @for (p of dots(); track $index) { <circle [attr.cx]="p.x" [attr.cy]="p.y" r="4" /> }
            @for (d of marks(); track $index) { <path class="limit" [attr.d]="d" /> }</g>
          <text x="44" y="236">{{ first() }}</text><text x="552" y="236" text-anchor="end">{{ last() }}</text>
        </svg>
        <figcaption class="small soft">{{ trend().unit }}@if (range(); as r) { · <span i18n>reference range {{ r }}</span> }@if (marks().length) { · <span i18n>▾ ▴ the value lies below or above what was measured</span> }</figcaption>
      </div>
      }
      <div class="values" tabindex="0" role="region" [attr.aria-label]="label()">
        <table>
          <thead><tr><th scope="col" i18n>Date</th><th scope="col" i18n>Value</th></tr></thead>
          <tbody>@for (r of table(); track $index) { <tr><td class="nowrap">{{ r.date }}</td><td><span [class.nowrap]="r.isMeasured">{{ r.value }}</span>@if (r.note) { <br><span class="small" [class.out]="r.isOut">{{ r.note }}</span> }</td></tr> }</tbody>
        </table>
      </div>
    </figure>
  `,
  styles: `
    :host { display: block; container-type: inline-size; padding-bottom: 16px; }
    .plot { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
    @container (min-width: 640px) { .plot { grid-template-columns: minmax(0, 2fr) minmax(220px, 1fr); } }
    svg { width: 100%; height: auto; overflow: visible; } path { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; } circle { fill: var(--surface); stroke: var(--accent); stroke-width: 2; }
    line { stroke: var(--line); } text { fill: var(--ink-soft); font-size: 12px; } .band { fill: var(--accent-soft); } path.limit { fill: var(--accent); } .values { max-height: 260px; overflow-y: auto; } .out { color: var(--red); }
    /* The drawing shrinks with its place, its words do not. */
    @container (max-width: 559px) { text { font-size: 16px; } }
    @container (max-width: 419px) { text { font-size: 21px; } }
  `,
})
export class Plot {
  readonly trend = input.required<Trend>();
  protected readonly all = computed(() => drawn(this.trend()));
  private readonly s = computed(() => scale(this.trend(), this.all(), 516, 212, 20));
  protected readonly path = computed(() => line(this.all(), this.s()));
  protected readonly dots = computed(() => this.all().flatMap((p) => (p.value === null ? [] : [{ x: this.s().x(p.time), y: this.s().y(p.value) }])));
  protected readonly marks = computed(() => limits(this.all(), this.s(), 5));
  protected readonly band = computed(() => bandOf(this.trend(), this.s()));
  protected readonly range = computed(() => rangeWords(this.trend().last.source, this.trend().unit, say).text);
  protected readonly label = computed(() => $localize`${this.trend().title}:test:, ${this.trend().points.length}:count: values`);
  protected readonly first = computed(() => fhirDate(this.all()[0]!.date));
  protected readonly last = computed(() => (this.all().length > 1 ? fhirDate(this.all().at(-1)!.date) : ''));
  protected readonly table = computed(() => [...this.trend().points].reverse().map((p) => rowOf(p, this.trend().unit)));
  protected readonly ticks = computed(() => {
    const s = this.s();
    const step = niceStep((s.hi - s.lo) / 4);
    const out: { y: number; text: string }[] = [];
    for (let v = Math.ceil(s.lo / step) * step; v <= s.hi + step / 1e6; v += step) out.push({ y: s.y(v), text: decimal(String(Number(v.toPrecision(6)))) });
    return out;
  });
}
/** One value of the table, judged by its own reference range. */
export function rowOf(p: Point, unit: string): { date: string; value: string; note: string; isMeasured: boolean; isOut: boolean } {
  const judged = judgement(p.source, say);
  const out = p.outside === 'abnormal' && judged ? '' : outsideWord(p.outside);
  return {
    date: dateTimeText(p.date, say) || $localize`undated`, value: [pointText(p, say) || '–', p.quantity ? unit : ''].filter(Boolean).join(' '),
    note: [judged, out, standingWords(p.standing, 'Observation', true)].filter(Boolean).join(' · '), isMeasured: p.quantity !== null, isOut: p.outside !== null,
  };
}
function niceStep(raw: number): number {
  const p = 10 ** Math.floor(Math.log10(raw));
  const m = raw / p;
  return (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10) * p;
}
