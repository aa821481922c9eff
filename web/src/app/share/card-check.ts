// SPDX-License-Identifier: Apache-2.0
// Whose card it is that a folder's keys will be locked for, and whether it is the one of before.
import { ChangeDetectionStrategy, Component, computed, input, model } from '@angular/core';
import type { CheckedCard, Hash } from '../state/core';
import { roleWord } from '../state/words';

@Component({
  selector: 'ehr-card-check',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (changed()) {
      <section class="note warn stack-s" role="group" aria-labelledby="changed">
        <h3 id="changed" i18n>This is not the key card you know</h3>
        <p i18n>You shared with {{ name() }} before, and the card was another one. {{ name() }} may have a new key or a new name, or somebody has taken over the account. Share nothing until you know.</p>
        <p i18n>Meet or call {{ name() }}; do not ask by a message. Their page shows the fingerprint of their key card under Settings, This device, Advanced; “ehr card show” calls it card hash. It must be:</p>
        <p class="mono" translate="no">{{ card().hash }}</p>
        <p class="small soft"><span i18n>The one you know:</span> <span class="mono" translate="no">{{ known() }}</span></p>
        <label class="choice"><input type="checkbox" name="compared" [checked]="compared()" (change)="compared.set($any($event.target).checked)"> <span i18n>I compared it with {{ name() }}: every character is the same</span></label>
      </section>
    } @else {
      @if (repeats()) { <p class="note warn" i18n>More than one person here has this name, or one that looks like it. Make sure that it is the right one before you share.</p> }
      <details [open]="repeats()">
        <summary i18n>Is it the right person?</summary>
        <p class="small soft">@if (known()) { <span i18n>You shared with this account before, by this same card.</span> } @else { <span i18n>You have not shared with this account before. When it matters, compare the fingerprint with the person: their page shows it under Settings, This device, Advanced.</span> }</p>
        <dl class="facts">
          <dt i18n>Role</dt><dd>{{ roleWord(card().role) }}</dd>
          <dt i18n>Account</dt><dd class="mono">{{ card().account }}</dd>
          <dt i18n>Fingerprint of the key card</dt><dd class="mono">{{ card().hash }}</dd>
        </dl>
      </details>
    }
  `,
})
export class CardCheck {
  readonly name = input.required<string>();
  readonly card = input.required<CheckedCard>();
  /** Hash of the card that was shared with before; null: never. */
  readonly known = input.required<Hash | null>();
  readonly repeats = input(false);
  readonly compared = model(false);
  protected readonly changed = computed(() => this.known() !== null && this.known() !== this.card().hash);
  protected readonly roleWord = roleWord;
}
