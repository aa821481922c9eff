// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, ElementRef, Injectable, effect, inject, signal, viewChild } from '@angular/core';
import type { DecodedCall } from '../state/core';

export interface Question {
  title: string;
  /** The whole sentence. */
  sentence: string;
  more?: string[];
  yes: string;
  danger?: boolean;
  calls?: DecodedCall[];
}

/** Asks once, in a dialog, with the whole sentence and what will be signed. */
@Injectable({ providedIn: 'root' })
export class Confirm {
  readonly question = signal<Question | null>(null);
  private resolve: ((yes: boolean) => void) | null = null;

  ask(q: Question): Promise<boolean> {
    this.answer(false);
    this.question.set(q);
    return new Promise((resolve) => (this.resolve = resolve));
  }
  /** For FlowOptions.confirm: the calls are shown under the sentence. */
  before(q: Omit<Question, 'calls'>): (calls: DecodedCall[]) => Promise<boolean> {
    let asked = false;
    return async (calls) => asked || (asked = await this.ask({ ...q, calls }));
  }
  answer(yes: boolean): void {
    this.question.set(null);
    this.resolve?.(yes);
    this.resolve = null;
  }
}

@Component({
  selector: 'ehr-confirm',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dialog #box (close)="confirm.answer(false)" aria-labelledby="confirm-title">
      @if (confirm.question(); as q) {
        <div class="stack">
          <h2 id="confirm-title">{{ q.title }}</h2>
          <p class="sentence">{{ q.sentence }}</p>
          @for (line of q.more ?? []; track line) { <p class="soft">{{ line }}</p> }
          @if (q.calls?.length) {
            <details>
              <summary i18n>Advanced: exactly what is signed</summary>
              <div class="stack-s small">
                @for (c of q.calls; track $index) {
                  <p><b>{{ c.function }}</b> <span class="soft" i18n>on the contract</span> <code>{{ c.contract }}</code></p>
                  <dl class="facts">
                    @for (a of c.args; track a.name) { <dt>{{ a.name }} ({{ a.type }})</dt><dd class="mono">{{ a.value }}</dd> }
                  </dl>
                }
              </div>
            </details>
          }
          <div class="actions">
            <button type="button" class="button" [class.primary]="!q.danger" [class.danger]="q.danger" (click)="confirm.answer(true)">{{ q.yes }}</button>
            <button type="button" class="button quiet" (click)="confirm.answer(false)" i18n>Not now</button>
          </div>
        </div>
      }
    </dialog>
  `,
})
export class ConfirmDialog {
  protected readonly confirm = inject(Confirm);
  private readonly box = viewChild.required<ElementRef<HTMLDialogElement>>('box');

  constructor() {
    effect(() => {
      const box = this.box().nativeElement;
      if (this.confirm.question() && !box.open) box.showModal();
      else if (!this.confirm.question() && box.open) box.close();
    });
  }
}
