// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { Check, Proof } from '../state/core';
import { moment } from '../state/words';
import { Icon, type IconName } from './icon';

function checkWords(id: string): string {
  switch (id) {
    case 'slot': return $localize`The contract's own storage names this record and version`;
    case 'header': return $localize`That storage belongs to the block named below`;
    case 'source': return $localize`The authority of the ledger, known to this device, signed that block`;
    case 'envelope': return $localize`The sealed envelope belongs to this record`;
    case 'commitment': return $localize`The seal on the ledger is the one of this envelope`;
    case 'meta': return $localize`Title, date and author opened with the folder's key`;
    case 'inner': return $localize`Title, date, author and content are the sealed ones`;
    case 'author': return $localize`The ledger names the address that signed it`;
    case 'member': return $localize`The author's address belongs to the named account`;
    case 'cid': return $localize`The stored bytes are the ones that were named`;
    case 'encryption': return $localize`Every part of the encryption is intact`;
    case 'size': return $localize`The size is the one that was sealed`;
    case 'sha256': return $localize`The content is the one that was sealed, to the last bit`;
    case 'log-chain': return $localize`The log has no gap`;
    case 'log-head': return $localize`The node signed the log's end`;
    case 'log-signatures': return $localize`Each reading carries the reader's own signature (that of a change cannot be checked)`;
    default: return id;
  }
}

/** Nothing on the ledger stands behind it: an older version. */
export function isUnproved(checks: Check[]): boolean {
  return checks.some((c) => c.id === 'slot' && c.state === 'not-checked');
}

/** What was checked, and the raw facts behind it. */
@Component({
  selector: 'ehr-proof',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <details class="card" [open]="open()">
      <summary><span i18n>Proof</span>
        @if (failed()) { <span class="tag bad"><ehr-icon name="warn" /> <span i18n>does not hold</span></span> }
        @else if (isOlder()) { <span class="tag warn" i18n>older version: not proved</span> }
        @else if (passed()) { <span class="tag good"><ehr-icon name="check" /> <span i18n>{{ passed() }} checks passed</span></span> }
      </summary>
      @if (isOlder()) { <p class="note warn" i18n>The ledger keeps the seal of the newest version only. That this older one is the one that was written, and by whom, is what the node says.</p> }
      <ul class="list stack-s">
        @for (c of lines(); track c.id) {
          <li class="line"><span class="row"><ehr-icon [name]="c.icon" [class]="c.state" /><span class="line-body">{{ c.text }}</span></span><span class="line-side">{{ c.word }}</span></li>
        }
      </ul>
      @if (proof()?.facts; as f) {
        <details>
          <summary i18n>Raw facts</summary>
          <dl class="facts">
            <dt i18n>Contract</dt><dd class="mono">{{ f.contract }}</dd>
            <dt i18n>Chain</dt><dd class="mono">{{ f.chainId }}</dd>
            <dt i18n>Transaction</dt><dd class="mono">{{ f.tx }}</dd>
            <dt i18n>Block</dt><dd class="mono">{{ f.block }} · {{ when() }}</dd>
            <dt i18n>Author address</dt><dd class="mono">{{ f.author }}</dd>
            <dt>CID</dt><dd class="mono">{{ f.cid }}</dd>
            <dt i18n>Commitment</dt><dd class="mono">{{ f.commitment }}</dd>
            <dt i18n>Inner hash</dt><dd class="mono">{{ f.inner }}</dd>
            <dt i18n>Folder</dt><dd class="mono">{{ f.folderId }}</dd>
            <dt i18n>Record</dt><dd class="mono">{{ f.recordId }}</dd>
            <dt i18n>Version, epoch</dt><dd class="mono">{{ f.version }}, {{ f.epoch }}</dd>
            <dt i18n>Storage slot</dt><dd class="mono">{{ f.storageSlot }}</dd>
            @if (f.provedAt; as b) { <dt i18n>Proved at block</dt><dd class="mono">{{ b.number }} {{ b.hash }}</dd> }
          </dl>
        </details>
      }
    </details>
  `,
  styles: `.passed { color: var(--green); } .failed { color: var(--red); } .not-checked { color: var(--ink-soft); } .tag .icon { width: 14px; height: 14px; }`,
})
export class ProofPanel {
  readonly proof = input<Proof | null>(null);
  readonly checks = input<Check[] | null>(null);
  readonly open = input(false);
  private readonly all = computed(() => this.checks() ?? this.proof()?.checks ?? []);
  protected readonly passed = computed(() => this.all().filter((c) => c.state === 'passed').length);
  protected readonly failed = computed(() => this.all().some((c) => c.state === 'failed'));
  protected readonly isOlder = computed(() => isUnproved(this.all()));
  protected readonly when = computed(() => moment(this.proof()?.facts.time ?? 0));
  protected readonly lines = computed(() =>
    this.all().map((c) => ({
      id: c.id,
      state: c.state,
      text: checkWords(c.id),
      icon: (c.state === 'passed' ? 'check' : c.state === 'failed' ? 'warn' : 'timeline') as IconName,
      word: c.state === 'passed' ? $localize`passed` : c.state === 'failed' ? $localize`failed` : $localize`not checked`,
    })),
  );
}
