// SPDX-License-Identifier: Apache-2.0
// One FHIR resource for people: the facts that matter, its note or narrative, and all of it on demand.
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { Narrative } from '../ui/narrative';
import { save } from '../ui/save';
import { fileBytes, filesOf, noteText, type File } from '../fhir/attachment';
import { factsOf } from '../fhir/facts';
import { rawText } from '../fhir/raw';
import { str } from '../fhir/read';
import { standing } from '../fhir/standing';
import type { Entry } from '../fhir/summary';
import { entryTitle, typeWord } from '../fhir/words';
import { fhirDate } from '../state/words';

@Component({
  selector: 'ehr-resource',
  imports: [Narrative],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <details class="card" [open]="open()">
      <summary><span><b>{{ title() }}</b> <span class="soft small">{{ type() }}@if (entry().date) { · {{ date(entry().date) }} }</span></span></summary>
      <div class="stack">
        @if (isVoid()) { <p class="note bad" i18n><b>Entered in error.</b> Whoever wrote this entry says that it was never true. It does not count anywhere in the chart.</p> }
        @if (isModified()) { <p class="note warn" i18n>This entry has a qualification that this page does not know and that may change its meaning. Read “Everything in this entry”.</p> }
        <dl class="facts">@for (f of facts(); track $index) { <dt>{{ f.name }}</dt><dd>{{ f.value }}</dd> }</dl>
        @if (note()) { <p class="note-text">{{ note() }}</p> }
        @for (f of files(); track $index) {
          <p class="note row"><span i18n>A file belongs to this entry that this page does not show: {{ f.name }}</span>
            @if (f.data) { <button type="button" class="button" (click)="saveFile(f)" i18n>Save the file</button> } @else { <span i18n>It is kept elsewhere: {{ f.url }}</span> }</p>
        }
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
  protected readonly title = computed(() => entryTitle(this.entry()));
  protected readonly type = computed(() => typeWord(this.entry().type));
  private readonly standing = computed(() => standing(this.entry().resource));
  protected readonly isVoid = computed(() => this.standing().weight === 'void');
  protected readonly isModified = computed(() => this.standing().doubts.includes('modified'));
  protected readonly facts = computed(() => factsOf(this.entry()));
  protected readonly note = computed(() => noteText(this.entry().resource));
  protected readonly div = computed(() => str(this.entry().resource, 'text.div'));
  protected readonly raw = computed(() => rawText(this.entry().resource));
  protected readonly files = computed(() => filesOf(this.entry().resource));

  protected saveFile(f: File): void {
    save(new Blob([fileBytes(f)], { type: 'application/octet-stream' }), /pdf/i.test(f.contentType) && !/\.pdf$/i.test(f.name) ? `${f.name}.pdf` : f.name);
  }
}
