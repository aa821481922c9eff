// SPDX-License-Identifier: Apache-2.0
// The contract that decides: its version and code, and the call that proposes an upgrade through the ProxyAdmin.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { FaultNote } from '../ui/fault';
import { Person } from '../state/person';
import type { ContractFacts, Hex } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { size } from '../state/words';

interface Proposal { to: string; from: string; data: string; forwarderUnchanged: boolean; implementation: string; call: string; }

@Component({
  imports: [FormsModule, FaultNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Contract</h1></div>
    <ehr-fault [fault]="fault()" />
    @if (facts(); as f) {
      <section class="card stack" aria-labelledby="now"><h2 id="now" i18n>In force: version {{ f.version }}</h2>
        <p class="soft measure" i18n>The contract decides who may read and write. Its address stays; its code can only be replaced by the owner named below.</p>
        <dl class="facts"><dt i18n>Address (proxy)</dt><dd class="mono">{{ f.proxy }}</dd><dt i18n>Code at</dt><dd class="mono">{{ f.implementation }}</dd><dt i18n>Hash of the code</dt><dd class="mono">{{ f.codeHash }}</dd><dt i18n>Size of the code</dt><dd>{{ bytes(f.codeBytes) }}</dd><dt>ProxyAdmin</dt><dd class="mono">{{ f.proxyAdmin }}</dd><dt i18n>Owner of the ProxyAdmin</dt><dd class="mono">{{ f.proxyAdminOwner }}</dd><dt i18n>Forwarder</dt><dd class="mono">{{ f.forwarder }}</dd></dl></section>
      <form class="card stack" (ngSubmit)="propose()" aria-labelledby="up"><h2 id="up" i18n>Propose an upgrade</h2>
        <p class="soft measure" i18n>This page sends nothing. It writes the call that the owner (a multisig or timelock) has to make.</p>
        <div class="field"><label for="impl" i18n>Address of the new code</label><input id="impl" name="impl" class="mono" autocomplete="off" [(ngModel)]="implementation"></div>
        <div class="field"><label for="data" i18n>Call after the upgrade (empty for none)</label><input id="data" name="data" class="mono" autocomplete="off" [(ngModel)]="data"></div>
        <div class="actions"><button type="submit" class="button primary" [disabled]="!valid()" i18n>Write the call</button></div>
        @if (proposal(); as p) {
          @if (!p.forwarderUnchanged) { <p class="note bad" i18n>The new code trusts another forwarder than the present one. Whoever controls that could act for everybody.</p> } @else { <p class="note good" i18n>The new code trusts the same forwarder.</p> }
          <dl class="facts"><dt i18n>From (owner)</dt><dd class="mono">{{ p.from }}</dd><dt i18n>To</dt><dd class="mono">{{ p.to }}</dd><dt i18n>Call</dt><dd class="mono">upgradeAndCall(proxy {{ facts()?.proxy }}, implementation {{ p.implementation }}, data {{ p.call }})</dd><dt i18n>Data</dt><dd class="mono">{{ p.data }}</dd></dl>
        }
      </form>
    } @else if (!fault()) { <span class="skeleton tall"></span> }
  `,
  styles: `.tall { height: 260px; }`,
})
export class ContractPage {
  private readonly person = inject(Person);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly facts = signal<ContractFacts | null>(null);
  protected readonly implementation = signal('');
  protected readonly data = signal('');
  protected readonly proposal = signal<Proposal | null>(null);
  protected readonly valid = computed(() => /^0x[0-9a-fA-F]{40}$/.test(this.implementation().trim()) && /^(0x([0-9a-fA-F]{2})*)?$/.test(this.data().trim()));
  protected readonly bytes = size;

  constructor() {
    this.person.need().node.contract().then((f) => this.facts.set(f), (e: unknown) => this.fault.set(faultOf(e)));
  }
  protected async propose(): Promise<void> {
    this.fault.set(null);
    this.proposal.set(null);
    try {
      const implementation = this.implementation().trim().toLowerCase() as Hex;
      const call = (this.data().trim() || '0x') as Hex;
      this.proposal.set({ ...(await this.person.need().admin.upgradeProposal(implementation, call)), implementation, call });
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
}
