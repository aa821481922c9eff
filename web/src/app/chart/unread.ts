// SPDX-License-Identifier: Apache-2.0
// Told on every page of a chart: what could not be opened is missing here, so nothing may be taken for absent.
import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Chart } from '../state/chart';
import { number } from '../state/words';

@Component({
  selector: 'ehr-unread',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (isTold()) {
      <div class="note bad stack-s" role="alert">
        <p><b i18n>{{ failed() }} of {{ all() }} records could not be opened.</b> <span i18n>What they say is missing on these pages: take nothing for absent.</span></p>
        <p class="no-print"><button type="button" class="button" [disabled]="chart.retrying()" (click)="chart.retry()" i18n>Try again</button></p>
      </div>
    }
  `,
})
export class Unread {
  protected readonly chart = inject(Chart);
  protected readonly isTold = computed(() => !this.chart.isOpening() && this.chart.unread().length > 0);
  protected readonly failed = computed(() => number(this.chart.unread().length));
  protected readonly all = computed(() => number(this.chart.clinical().length));
}
