// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { Fault } from '../state/faults';

/** A failure: what happened, what is safe, what to do next; the technical part folded. */
@Component({
  selector: 'ehr-fault',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (fault(); as f) {
      <div class="note stack-s" [class.bad]="!f.calm" role="alert">
        <p><b>{{ f.what }}</b> {{ f.next }}</p>
        <details><summary i18n>Details</summary><code>{{ f.detail }}</code></details>
        <ng-content />
      </div>
    }
  `,
})
export class FaultNote {
  readonly fault = input<Fault | null>(null);
}
