// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, ElementRef, effect, input, signal, viewChild } from '@angular/core';
import { FormsModule } from '@angular/forms';
import type { RecordBody } from '../state/core';
import { applyWindow, readDicom, type DicomImage } from './dicom-image';

/** A DICOM image with window and level; uncompressed transfer syntaxes. */
@Component({
  selector: 'ehr-dicom',
  imports: [FormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="card stack">
      @if (fault()) { <p class="note warn" i18n>This image is stored in a way that this page cannot show ({{ fault() }}). You can save it and open it with a DICOM viewer.</p> }
      <div class="screen" [hidden]="!image()"><canvas #sheet role="img" aria-label="Image" i18n-aria-label></canvas></div>
      @if (image(); as i) {
        <div class="controls">
          @if (isGray()) {
            <div><label for="level" i18n>Brightness (level)</label> <output class="num" for="level">{{ center() }}</output><input id="level" type="range" [min]="i.low" [max]="i.high" [ngModel]="center()" (ngModelChange)="center.set(+$event)"></div>
            <div><label for="window" i18n>Contrast (window)</label> <output class="num" for="window">{{ width() }}</output><input id="window" type="range" [min]="1" [max]="i.high - i.low + 1" [ngModel]="width()" (ngModelChange)="width.set(+$event)"></div>
          }
          @if (i.frames > 1) { <div><label for="frame" i18n>Picture</label> <output class="num" for="frame">{{ frame() + 1 }}/{{ i.frames }}</output><input id="frame" type="range" min="0" [max]="i.frames - 1" [ngModel]="frame()" (ngModelChange)="frame.set(+$event)"></div> }
        </div>
        <dl class="facts">@for (f of i.facts; track f[0]) { <dt>{{ f[0] }}</dt><dd>{{ f[1] }}</dd> }</dl>
      }
    </div>
  `,
  styles: `.screen { background: #000; display: grid; place-items: center; border-radius: 4px; padding: 8px; aspect-ratio: 4 / 3; max-height: 75dvh; width: 100%; overflow: hidden; } canvas { max-width: 100%; max-height: 100%; height: 100%; object-fit: contain; image-rendering: pixelated; min-height: 0; } .controls { display: grid; gap: 4px 24px; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); }`,
})
export class DicomView {
  readonly body = input.required<RecordBody>();
  protected readonly image = signal<DicomImage | null>(null);
  protected readonly isGray = signal(true);
  protected readonly fault = signal('');
  protected readonly center = signal(0);
  protected readonly width = signal(1);
  protected readonly frame = signal(0);
  private readonly sheet = viewChild.required<ElementRef<HTMLCanvasElement>>('sheet');
  private data: ImageData | null = null;

  constructor() {
    effect(() => void this.open(this.body()));
    effect(() => this.draw());
  }
  private async open(body: RecordBody): Promise<void> {
    try {
      const image = readDicom(body.bytes ?? new Uint8Array(await body.blob.arrayBuffer()));
      this.data = new ImageData(image.columns, image.rows);
      this.center.set(Math.round(image.center));
      this.width.set(Math.round(image.width));
      this.isGray.set(image.rgb(0) === null);
      this.image.set(image);
    } catch (e) {
      this.fault.set(e instanceof Error ? e.message : typeof e === 'string' ? e.slice(0, 80) : 'unreadable');
    }
  }
  private draw(): void {
    const image = this.image();
    const center = this.center();
    const width = this.width();
    const frame = this.frame();
    if (!image || !this.data) return;
    const values = image.values(frame);
    if (values) applyWindow(values, center, width, image.inverted, this.data.data);
    else this.data.data.set(image.rgb(frame)!);
    const canvas = this.sheet().nativeElement;
    canvas.width = image.columns;
    canvas.height = image.rows;
    canvas.getContext('2d')?.putImageData(this.data, 0, 0);
  }
}
