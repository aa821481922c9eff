// SPDX-License-Identifier: Apache-2.0
// A record that is no FHIR resource, shown in place by what it is; the heavy viewers are loaded when needed, and made anew
// for each body (track): nothing of one version may stay under the heading of another.
import { ChangeDetectionStrategy, Component, OnDestroy, computed, effect, input, signal } from '@angular/core';
import { Narrative } from '../ui/narrative';
import { DicomView } from './dicom';
import { PdfView } from './pdf';
import type { RecordBody } from '../state/core';

type Kind = 'image' | 'pdf' | 'dicom' | 'ccda' | 'text' | 'none';

@Component({
  selector: 'ehr-viewer',
  imports: [Narrative, DicomView, PdfView],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @switch (kind()) {
      @case ('image') { <figure class="card"><img [src]="url()" [alt]="body().item.meta?.title ?? ''" class="picture"></figure> }
      @case ('pdf') { @defer (on immediate) { @for (b of [body()]; track b) { <ehr-pdf [body]="b" /> } } @placeholder { <span class="skeleton tall"></span> } }
      @case ('dicom') { @defer (on immediate) { @for (b of [body()]; track b) { <ehr-dicom [body]="b" /> } } @placeholder { <span class="skeleton tall"></span> } }
      @case ('ccda') { <div class="card measure"><ehr-narrative [ccda]="text()" /></div> }
      @case ('text') { <pre class="card text">{{ text() }}</pre> }
      @default { <p class="empty" i18n>This page has no viewer for this kind of file. You can save it.</p> }
    }
  `,
  styles: `.picture { max-width: 100%; height: auto; display: block; margin: 0 auto; } .tall { height: 420px; } .text { white-space: pre-wrap; margin: 0; }`,
})
export class Viewer implements OnDestroy {
  readonly body = input.required<RecordBody>();
  protected readonly url = signal('');
  protected readonly text = signal('');
  protected readonly kind = computed<Kind>(() => {
    const type = this.body().item.meta?.contentType.split(';')[0]?.trim() ?? '';
    if (/^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(type)) return 'image';
    if (type === 'application/pdf') return 'pdf';
    if (type === 'application/dicom') return 'dicom';
    if (/xml$/.test(type)) return 'ccda';
    if (/^text\//.test(type)) return 'text';
    return 'none';
  });

  constructor() {
    effect((onCleanup) => {
      const body = this.body();
      const kind = this.kind();
      let isOver = false;
      onCleanup(() => (isOver = true));
      this.text.set('');
      if (kind === 'image') {
        const url = URL.createObjectURL(new Blob([body.blob], { type: body.item.meta!.contentType }));
        this.url.set(url);
        onCleanup(() => URL.revokeObjectURL(url));
      } else if (kind === 'ccda' || kind === 'text') void body.blob.slice(0, 8 << 20).text().then((t) => isOver || this.text.set(t));
    });
  }
  ngOnDestroy(): void {
    this.text.set('');
  }
}
