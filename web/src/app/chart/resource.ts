// SPDX-License-Identifier: Apache-2.0
// One FHIR resource for people: the facts that matter, its note or narrative, and all of it on demand.
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { Narrative } from '../ui/narrative';
import type { Entry } from '../fhir/summary';
import { arr, at, concept, noteText, plain, str, valueOf, type Resource } from '../fhir/read';
import { decimal, fhirDate } from '../state/words';

interface Fact { name: string; value: string; }

@Component({
  selector: 'ehr-resource',
  imports: [Narrative],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <details class="card" [open]="open()">
      <summary><span><b>{{ entry().title }}</b> <span class="soft small">{{ entry().type }} · {{ date(entry().date) }}</span></span></summary>
      <div class="stack">
        <dl class="facts">@for (f of facts(); track f.name) { <dt>{{ f.name }}</dt><dd>{{ f.value }}</dd> }</dl>
        @if (note()) { <p class="note-text">{{ note() }}</p> }
        @if (div()) { <ehr-narrative [xhtml]="div()" /> }
        <details><summary i18n>Everything in this entry</summary><pre class="raw" tabindex="0" role="region" aria-label="Everything in this entry" i18n-aria-label>{{ raw() }}</pre></details>
      </div>
    </details>
  `,
  styles: `.note-text { white-space: pre-wrap; max-width: 75ch; } .raw { max-height: 420px; overflow: auto; white-space: pre-wrap; } summary > span { min-width: 0; overflow-wrap: anywhere; }`,
})
export class ResourceView {
  readonly entry = input.required<Entry>();
  readonly open = input(false);
  protected readonly date = fhirDate;
  protected readonly note = computed(() => noteText(this.entry().resource));
  protected readonly div = computed(() => str(this.entry().resource, 'text.div'));
  protected readonly raw = computed(() => rawText(this.entry().resource));
  protected readonly facts = computed(() => {
    const r = this.entry().resource;
    const out: Fact[] = [];
    const put = (name: string, value: string): void => {
      if (value) out.push({ name, value });
    };
    put($localize`Value`, valueOf(r, decimal));
    for (const c of arr(r, 'component')) put(concept(at(c, 'code')), valueOf(c, decimal));
    put($localize`Status`, plain(concept(at(r, 'clinicalStatus'))) || str(r, 'status'));
    put($localize`Certainty`, concept(at(r, 'verificationStatus')));
    put($localize`Reference range`, str(r, 'referenceRange.0.text') || [str(r, 'referenceRange.0.low.value'), str(r, 'referenceRange.0.high.value')].filter(Boolean).map(decimal).join('–'));
    put($localize`Reason`, plain(concept(arr(r, 'reasonCode')[0])));
    put($localize`Dosage`, str(r, 'dosageInstruction.0.text') || str(r, 'dosage.text'));
    put($localize`Ended`, fhirDate(str(r, 'abatementDateTime') || str(r, 'performedPeriod.end') || str(r, 'period.end')));
    put($localize`By`, str(r, 'requester.display') || str(r, 'performer.0.display') || str(r, 'performer.0.actor.display') || str(r, 'participant.0.individual.display') || str(r, 'author.0.display'));
    put($localize`At`, str(r, 'location.0.location.display') || str(r, 'location.display') || str(r, 'serviceProvider.display'));
    put($localize`Born`, this.entry().type === 'Patient' ? fhirDate(str(r, 'birthDate')) : '');
    put($localize`Sex`, this.entry().type === 'Patient' ? str(r, 'gender') : '');
    for (const a of arr(r, 'activity')) put($localize`Planned`, plain(concept(at(a, 'detail.code'))));
    for (const x of arr(r, 'result').slice(0, 30)) put($localize`Result`, str(x, 'display'));
    return out;
  });
}
/** Pretty JSON with numbers as they were written. */
function rawText(r: Resource): string {
  const walk = (v: unknown, pad: string): string => {
    if (v === null || typeof v === 'boolean') return String(v);
    if (typeof v === 'string') return JSON.stringify(v.length > 4000 ? `${v.slice(0, 4000)}…` : v);
    if (Array.isArray(v)) return v.length ? `[\n${v.map((x) => `${pad}  ${walk(x, `${pad}  `)}`).join(',\n')}\n${pad}]` : '[]';
    if (typeof v === 'object' && 'toNumber' in v) return String(v);
    const o = v as Record<string, unknown>;
    return `{\n${Object.keys(o).map((k) => `${pad}  ${JSON.stringify(k)}: ${walk(o[k], `${pad}  `)}`).join(',\n')}\n${pad}}`;
  };
  return walk(r, '');
}
