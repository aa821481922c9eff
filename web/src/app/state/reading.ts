// SPDX-License-Identifier: Apache-2.0
// What a page reads from the node: until that has succeeded nothing may be called absent, and the last reading counts.
import { computed, signal } from '@angular/core';
import { faultOf, type Fault } from './faults';

export class Reading {
  readonly fault = signal<Fault | null>(null);
  /** The last try succeeded, or goes on after one that did. */
  readonly isRead = signal(false);
  readonly isWaiting = computed(() => !this.isRead() && !this.fault());
  private turn = 0;

  /** work gives what puts it on the page: done at once, unless another reading was begun meanwhile. */
  async run(work: () => Promise<() => void>): Promise<void> {
    const turn = ++this.turn;
    try {
      const show = await work();
      if (turn !== this.turn) return;
      show();
      this.fault.set(null);
      this.isRead.set(true);
    } catch (e) {
      if (turn !== this.turn) return;
      this.isRead.set(false);
      this.fault.set(faultOf(e));
    }
  }
}
