// SPDX-License-Identifier: Apache-2.0
// How long nobody has moved: here, or in another tab of this page.

const TELL_EVERY_MS = 5000;

export class Idle {
  private last = Date.now();
  private told = 0;

  /** tell: the other tabs, that somebody moves here. over: it was too long. */
  constructor(
    private readonly tell: () => void,
    private readonly limitMs: () => number,
    private readonly over: () => void,
  ) {}
  restart(): void {
    this.last = Date.now();
  }
  /** Judged by the clock, since a device that slept ran no timers. */
  look(): void {
    if (Date.now() - this.last > this.limitMs()) this.over();
  }
  /** What comes too late does not count: it locks. */
  moved(): void {
    this.look();
    this.restart();
    this.tellOthers();
  }
  movedElsewhere(): void {
    this.look();
    this.restart();
  }
  tellOthers(): void {
    if (Date.now() - this.told < TELL_EVERY_MS) return;
    this.told = Date.now();
    this.tell();
  }
}
