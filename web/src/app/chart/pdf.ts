// SPDX-License-Identifier: Apache-2.0
// PDF pages drawn on canvases by pdf.js: no plug-in, no script of the document, text readable by screen readers.
import { ChangeDetectionStrategy, Component, ElementRef, OnDestroy, effect, input, signal, viewChild } from '@angular/core';
import type { PDFDocumentProxy, PDFDocumentLoadingTask, RenderTask } from 'pdfjs-dist';
import type { RecordBody } from '../state/core';

@Component({
  selector: 'ehr-pdf',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="card stack-s">
      @if (fault()) { <p class="note bad" i18n>This PDF cannot be shown. You can save it and open it elsewhere.</p> }
      @if (pages() > 1) {
        <div class="row" role="group" aria-label="Pages" i18n-aria-label>
          <button type="button" class="button" [disabled]="page() <= 1" (click)="go(-1)" i18n>Back</button>
          <span class="num" role="status" i18n>Page {{ page() }} of {{ pages() }}</span>
          <button type="button" class="button" [disabled]="page() >= pages()" (click)="go(1)" i18n>Next</button>
        </div>
      }
      <div class="sheet"><canvas #sheet role="img" [class.wait]="!label()" [attr.aria-label]="label()"></canvas></div>
      <details><summary i18n>Text of this page</summary><p class="text">{{ text() }}</p></details>
    </div>
  `,
  styles: `.sheet { overflow-x: auto; } canvas { display: block; margin: 0 auto; max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line); min-height: 300px; } .wait { opacity: 0.15; } .text { white-space: pre-wrap; }`,
})
export class PdfView implements OnDestroy {
  readonly body = input.required<RecordBody>();
  protected readonly page = signal(1);
  protected readonly pages = signal(0);
  protected readonly text = signal('');
  protected readonly fault = signal(false);
  protected readonly label = signal('');
  private readonly sheet = viewChild.required<ElementRef<HTMLCanvasElement>>('sheet');
  private doc: PDFDocumentProxy | null = null;
  private task: PDFDocumentLoadingTask | null = null;
  private worker: Worker | null = null;
  private drawing: RenderTask | null = null;
  private isGone = false;

  constructor() {
    effect(() => void this.open(this.body()).catch(() => this.fault.set(true)));
  }
  ngOnDestroy(): void {
    this.isGone = true;
    void this.task?.destroy();
    this.worker?.terminate();
  }
  private async open(body: RecordBody): Promise<void> {
    const [pdf, buffer] = await Promise.all([import('pdfjs-dist'), body.blob.arrayBuffer()]);
    if (this.isGone) return;
    this.worker ??= new Worker(new URL('./pdf.worker', import.meta.url), { type: 'module' });
    pdf.GlobalWorkerOptions.workerPort = this.worker;
    this.task = pdf.getDocument({ data: new Uint8Array(buffer), useSystemFonts: true, useWorkerFetch: false, isOffscreenCanvasSupported: false, enableXfa: false, stopAtErrors: false });
    this.doc = await this.task.promise;
    this.pages.set(this.doc.numPages);
    await this.draw();
  }
  protected go(by: number): void {
    this.page.update((p) => p + by);
    void this.draw().catch(() => this.fault.set(true));
  }
  /** The newest page asked for wins: a drawing under way is given up. */
  private async draw(): Promise<void> {
    const doc = this.doc;
    if (!doc) return;
    const number = this.page();
    this.label.set('');
    this.drawing?.cancel();
    await this.drawing?.promise.catch(() => undefined);
    const page = await doc.getPage(number);
    if (number !== this.page()) return;
    const canvas = this.sheet().nativeElement;
    const view = page.getViewport({ scale: Math.min(2, Math.max(1, devicePixelRatio)) * 1.4 });
    canvas.width = view.width;
    canvas.height = view.height;
    this.drawing = page.render({ canvas, viewport: view });
    try {
      await this.drawing.promise;
    } catch (e) {
      if (e instanceof Error && e.name === 'RenderingCancelledException') return;
      throw e;
    }
    const words = await page.getTextContent();
    if (number !== this.page()) return;
    this.text.set(words.items.map((i) => ('str' in i ? i.str + (i.hasEOL ? '\n' : '') : '')).join(''));
    this.label.set($localize`Page ${number}:page: of the document`);
  }
}
