// SPDX-License-Identifier: Apache-2.0
// How the node is: ready or why not, head of the chain, what the relayer has left, counters.
import { ChangeDetectionStrategy, Component, OnDestroy, computed, inject, signal } from '@angular/core';
import { FaultNote } from '../ui/fault';
import { Person } from '../state/person';
import type { NodeHealth } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { decimal, moment, number } from '../state/words';

const EVERY_MS = 5000;

@Component({
  imports: [FaultNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Node</h1></div>
    <ehr-fault [fault]="fault()" />
    @if (health(); as h) {
      @if (h.ready) { <p class="note good" i18n>Ready.</p> } @else { <p class="note bad"><b i18n>Not ready.</b> {{ h.reasons.join(' · ') }}</p> }
      <div class="grid">
        <section class="card stack-s" aria-labelledby="chain"><h2 id="chain" i18n>Ledger</h2><dl class="facts"><dt i18n>Head</dt><dd class="num">{{ number(h.head.number) }}</dd><dt i18n>Time of the head</dt><dd>{{ moment(h.head.timestamp) }}</dd><dt i18n>Chain</dt><dd class="mono">{{ person.node()?.info?.chainId }}</dd></dl></section>
        <section class="card stack-s" aria-labelledby="relay"><h2 id="relay" i18n>Relayer</h2><p class="soft small" i18n>It pays for everybody's calls.</p><dl class="facts"><dt i18n>Left</dt><dd class="num">{{ balance() }}</dd></dl></section>
        <section class="card stack-s" aria-labelledby="prog"><h2 id="prog" i18n>Program</h2><dl class="facts"><dt i18n>Version</dt><dd>{{ person.node()?.info?.version }}</dd><dt i18n>Signs logs as</dt><dd class="mono">{{ person.node()?.info?.nodeAddress }}</dd></dl></section>
      </div>
      <section class="card" aria-labelledby="met"><h2 id="met" i18n>Counters</h2><div class="scroll-x" tabindex="0" role="region" aria-labelledby="met"><table><thead><tr><th scope="col" i18n>What</th><th scope="col" i18n>Value</th></tr></thead><tbody>@for (m of metrics(); track m[0]) { <tr><td class="mono">{{ m[0] }}</td><td class="num">{{ number(m[1]) }}</td></tr> }</tbody></table></div></section>
    } @else if (!fault()) { <span class="skeleton tall"></span> }
  `,
  styles: `.tall { height: 260px; }`,
})
export class NodePage implements OnDestroy {
  protected readonly person = inject(Person);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly health = signal<NodeHealth | null>(null);
  protected readonly number = number;
  protected readonly moment = moment;
  private readonly timer = setInterval(() => void this.load(), EVERY_MS);
  protected readonly metrics = computed(() => Object.entries(this.health()?.metrics ?? {}).filter(([name]) => !/_bucket/.test(name)).sort(([a], [b]) => a.localeCompare(b)));
  protected readonly balance = computed(() => {
    const wei = this.health()?.relayerBalance;
    if (!wei) return $localize`unknown`;
    const milli = BigInt(wei) / 10n ** 15n;
    return `${decimal(`${milli / 1000n}.${String(milli % 1000n).padStart(3, '0')}`)} ETH`;
  });

  constructor() {
    void this.load();
  }
  ngOnDestroy(): void {
    clearInterval(this.timer);
  }
  private async load(): Promise<void> {
    try {
      this.health.set(await this.person.need().node.health());
      this.fault.set(null);
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
}
