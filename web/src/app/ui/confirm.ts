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
  /** The calls are shown at once: a wallet shows their bytes only. */
  open?: boolean;
  /** Asked in the middle of something that writes, which goes on when it is answered. */
  isOfWrite?: boolean;
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
    return async (calls) => asked || (asked = await this.ask({ ...q, calls, isOfWrite: true }));
  }
  /** Before a wallet is asked to sign what the page has no question of its own for. */
  beforeWallet(calls: DecodedCall[]): Promise<boolean> {
    return this.ask({
      title: $localize`Your wallet will ask you`, sentence: walletSentence(calls), more: [$localize`The wallet shows this as numbers; below is what they mean.`],
      yes: $localize`Go on to the wallet`, calls, open: true, isOfWrite: true,
    });
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
    <dialog #box (close)="confirm.answer(false)" aria-labelledby="confirm-title" aria-describedby="confirm-text">
      @if (confirm.question(); as q) {
        <div class="stack">
          <h2 id="confirm-title">{{ q.title }}</h2>
          <div id="confirm-text" class="stack">
            <p class="sentence">{{ q.sentence }}</p>
            @for (line of q.more ?? []; track line) { <p class="soft">{{ line }}</p> }
          </div>
          @if (q.calls?.length) {
            <details [open]="!!q.open">
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

function walletSentence(calls: DecodedCall[]): string {
  const count = (name: string): number => calls.filter((c) => c.function === name).length;
  if (count('setKeyCard')) return $localize`Your card will be published, so that others can share with you.`;
  if (count('openFolder')) return $localize`A new folder of your record will be opened.`;
  if (count('amendRecord')) return $localize`A new version of a record will be added.`;
  if (count('addRecord')) return $localize`Records that will be added: ${count('addRecord')}:count:.`;
  return $localize`A change of your record will be written down.`;
}
