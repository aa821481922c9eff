// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { Trend } from '../fhir/summary';
import { decimal, fhirDate } from '../state/words';

interface Scale { x: (t: number) => number; y: (v: number) => number; lo: number; hi: number; }
function scale(t: Trend, w: number, h: number, pad: number): Scale {
  const values = t.points.map((p) => p.value).concat([t.low, t.high].filter((v) => v !== null));
  let lo = Math.min(...values);
  let hi = Math.max(...values);
  if (lo === hi) {
    lo -= Math.abs(lo) * 0.1 || 1;
    hi += Math.abs(hi) * 0.1 || 1;
  }
  const t0 = t.points[0]!.time;
  const span = t.points.at(-1)!.time - t0 || 1;
  return { x: (time) => pad + (t.points.length > 1 ? (time - t0) / span : 0.5) * (w - 2 * pad), y: (v) => h - pad - ((v - lo) / (hi - lo)) * (h - 2 * pad), lo, hi };
}
const line = (t: Trend, s: Scale): string => t.points.map((p, i) => `${i ? 'L' : 'M'}${s.x(p.time).toFixed(1)} ${s.y(p.value).toFixed(1)}`).join('');

/** The course of a value in the space of a word; the numbers stand beside it. */
@Component({
  selector: 'ehr-spark',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg viewBox="0 0 96 28" width="96" height="28" aria-hidden="true">
    @if (band(); as b) { <rect class="band" x="0" [attr.y]="b.y" width="96" [attr.height]="b.h" /> }
    <path [attr.d]="path()" /><circle [attr.cx]="end().x" [attr.cy]="end().y" r="2.6" /></svg>`,
  styles: `:host { flex: none; } svg { max-width: 100%; } path { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; } circle { fill: var(--accent); } .band { fill: var(--accent-soft); }`,
})
export class Spark {
  readonly trend = input.required<Trend>();
  private readonly s = computed(() => scale(this.trend(), 96, 28, 4));
  protected readonly path = computed(() => line(this.trend(), this.s()));
  protected readonly end = computed(() => {
    const p = this.trend().points.at(-1)!;
    return { x: this.s().x(p.time), y: this.s().y(p.value) };
  });
  protected readonly band = computed(() => bandOf(this.trend(), this.s()));
}
function bandOf(t: Trend, s: Scale): { y: number; h: number } | null {
  if (t.low === null && t.high === null) return null;
  const top = s.y(t.high ?? s.hi);
  return { y: top, h: Math.max(0, s.y(t.low ?? s.lo) - top) };
}

/** The plot, with the table of the same numbers. */
@Component({
  selector: 'ehr-plot',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <figure class="plot">
      <div>
        <svg viewBox="0 0 560 240" role="img" [attr.aria-label]="label()">
          @if (band(); as b) { <rect class="band" x="44" [attr.y]="b.y" width="508" [attr.height]="b.h" /> }
          @for (g of ticks(); track g.y) { <line x1="44" x2="552" [attr.y1]="g.y" [attr.y2]="g.y" /><text x="38" [attr.y]="g.y + 4" text-anchor="end">{{ g.text }}</text> }
          <g transform="translate(32 0)"><path [attr.d]="path()" />
            @for (p of dots(); track $index) { <circle [attr.cx]="p.x" [attr.cy]="p.y" r="4" /> }</g>
          <text x="44" y="236">{{ first() }}</text><text x="552" y="236" text-anchor="end">{{ last() }}</text>
        </svg>
        <figcaption class="small soft">{{ trend().unit }}@if (trend().range) { · <span i18n>reference range {{ trend().range }}</span> }</figcaption>
      </div>
      <div class="values" tabindex="0" role="region" [attr.aria-label]="label()">
        <table>
          <thead><tr><th scope="col" i18n>Date</th><th scope="col" i18n>Value</th></tr></thead>
          <tbody>@for (r of table(); track $index) { <tr><td class="nowrap">{{ r.date }}</td><td class="nowrap">{{ r.value }} {{ trend().unit }}</td></tr> }</tbody>
        </table>
      </div>
    </figure>
  `,
  styles: `
    :host { display: block; container-type: inline-size; padding-bottom: 16px; }
    .plot { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
    @container (min-width: 640px) { .plot { grid-template-columns: minmax(0, 2fr) minmax(220px, 1fr); } }
    svg { width: 100%; height: auto; overflow: visible; } path { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; } circle { fill: var(--surface); stroke: var(--accent); stroke-width: 2; }
    line { stroke: var(--line); } text { fill: var(--ink-soft); font-size: 12px; } .band { fill: var(--accent-soft); } .values { max-height: 260px; overflow-y: auto; }
    /* The drawing shrinks with its place, its words do not. */
    @container (max-width: 559px) { text { font-size: 16px; } }
    @container (max-width: 419px) { text { font-size: 21px; } }
  `,
})
export class Plot {
  readonly trend = input.required<Trend>();
  private readonly s = computed(() => {
    const s = scale(this.trend(), 516, 212, 20);
    return s;
  });
  protected readonly path = computed(() => line(this.trend(), this.s()));
  protected readonly dots = computed(() => this.trend().points.map((p) => ({ x: this.s().x(p.time), y: this.s().y(p.value) })));
  protected readonly band = computed(() => bandOf(this.trend(), this.s()));
  protected readonly label = computed(() => $localize`${this.trend().title}:test:, ${this.trend().points.length}:count: values`);
  protected readonly first = computed(() => fhirDate(this.trend().points[0]!.date));
  protected readonly last = computed(() => (this.trend().points.length > 1 ? fhirDate(this.trend().points.at(-1)!.date) : ''));
  protected readonly table = computed(() => [...this.trend().points].reverse().map((p) => ({ date: fhirDate(p.date), value: decimal(p.text) })));
  protected readonly ticks = computed(() => {
    const s = this.s();
    const step = niceStep((s.hi - s.lo) / 4);
    const out: { y: number; text: string }[] = [];
    for (let v = Math.ceil(s.lo / step) * step; v <= s.hi + step / 1e6; v += step) out.push({ y: s.y(v), text: decimal(String(Number(v.toPrecision(6)))) });
    return out;
  });
}
function niceStep(raw: number): number {
  const p = 10 ** Math.floor(Math.log10(raw));
  const m = raw / p;
  return (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10) * p;
}
