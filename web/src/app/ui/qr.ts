// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import encodeQR from 'qr';

/** A QR code as one path; white ground in every scheme, so that cameras read it. */
@Component({
  selector: 'ehr-qr',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg [attr.viewBox]="box()" role="img" [attr.aria-label]="label()" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff" /><path [attr.d]="path()" fill="#000" /></svg>`,
  styles: ':host { display: block; width: min(100%, 220px); } svg { width: 100%; height: auto; border-radius: 8px; }',
})
export class Qr {
  readonly text = input.required<string>();
  readonly label = input.required<string>();
  private readonly cells = computed(() => encodeQR(this.text(), 'raw', { ecc: 'medium', border: 3 }));
  protected readonly box = computed(() => `0 0 ${this.cells().length} ${this.cells().length}`);
  protected readonly path = computed(() => this.cells().map((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : '')).join('')).join(''));
}
