// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, computed, input, model } from '@angular/core';
import { ADD, AMEND, REMOVE, VIEW } from '../state/core';

/** Which rights, as boxes with words. */
@Component({
  selector: 'ehr-rights',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fieldset class="field">
      <legend>@if (asking()) { <span i18n>What do you need to do?</span> } @else { <span i18n>What may they do?</span> }</legend>
      <div class="choices">
        @for (r of offered(); track r.bit) {
          <label class="choice"><input type="checkbox" [checked]="has(r.bit)" (change)="flip(r.bit)"> {{ r.word }}</label>
        }
      </div>
    </fieldset>
  `,
})
export class Rights {
  readonly value = model.required<number>();
  /** Asked of who wants them, not of who gives them. */
  readonly asking = input(false);
  /** Only these can be given. */
  readonly of = input(VIEW | ADD | AMEND | REMOVE);
  protected readonly offered = computed(() => this.rights.filter((r) => (this.of() & r.bit) !== 0));
  private readonly rights = [
    { bit: VIEW, word: $localize`read` },
    { bit: ADD, word: $localize`add` },
    { bit: AMEND, word: $localize`correct` },
    { bit: REMOVE, word: $localize`remove` },
  ];
  protected has(bit: number): boolean {
    return (this.value() & bit) !== 0;
  }
  protected flip(bit: number): void {
    this.value.set(this.value() ^ bit);
  }
}
