// SPDX-License-Identifier: Apache-2.0
// One record in place: what it holds, its versions, its proof, and what may be done with it.
import { ChangeDetectionStrategy, Component, DestroyRef, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import { map } from 'rxjs';
import { Confirm } from '../ui/confirm';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { ProofPanel } from '../ui/proof';
import { save } from '../ui/save';
import { Chart, resourcesIn } from '../state/chart';
import { Person } from '../state/person';
import { AMEND, REMOVE, type RecordBody, type RecordItem, type RecordStatus } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import type { Entry } from '../fhir/summary';
import { categoryWord, fhirDate, moment, size } from '../state/words';
import { authorNote, authorText } from './author';
import { successor } from './successor';
import { Viewer } from './viewer';
import { ResourceView } from './resource';

@Component({
  imports: [FormsModule, RouterLink, FaultNote, Icon, ProofPanel, Viewer, ResourceView],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <p><a class="button quiet" routerLink="../../timeline"><ehr-icon name="back" /><span i18n>Timeline</span></a></p>
    <ehr-fault [fault]="fault()" />
    @if (item(); as i) {
      <div class="page-head">
        <div class="stack-s">
          <h1>{{ i.meta?.title ?? unknown }}</h1>
          <p class="soft small">{{ categoryWord(i.meta?.category ?? '') }} · {{ date(i.meta?.creation || i.meta?.date || '') }} · {{ authorText(i) }} · {{ fileSize(i.meta?.size ?? 0) }}</p>
        </div>
        <div class="row no-print">
          @if (body()) { <button type="button" class="button" (click)="saveIt()"><ehr-icon name="download" /><span i18n>Save</span></button> }
        </div>
      </div>
      @if (failed(); as f) {
        <div class="note bad stack-s">
          <p><b i18n>This record does not pass its checks, so its content is not shown.</b> {{ f.what }} {{ f.next }}</p>
          <details><summary i18n>Details</summary><code>{{ f.detail }}</code></details>
        </div>
      }
      @if (isOld()) {
        <div class="note warn stack-s" role="status"><p><b i18n>This is version {{ shown() }} of {{ newest() }}, of {{ moment(i.time) }}.</b> <span i18n>It was replaced: do not rely on what it says.</span></p>
          <p class="no-print"><button type="button" class="button" (click)="show(newest())" i18n>Open the newest version</button></p></div>
      }
      @if (authorNote(i); as n) { <p class="note" [class.bad]="n.isBad" [class.warn]="!n.isBad">{{ n.text }}</p> }
      @if (i.status === 'entered-in-error') { <p class="note warn" i18n>Marked as entered in error. It stays readable, so that nobody wonders what was there.</p> }
      @if (i.status === 'removed') { <p class="note warn" i18n>Removed: nobody you share with can open it any more. You can bring it back, or erase it for good. Copies that others had made are not touched.</p> }
      @if (body(); as b) {
        @if (entries(); as list) {
          @for (e of list; track $index) { <ehr-resource [entry]="e" [open]="list.length < 4 || wanted() === 'e' + e.index" [attr.id]="'e' + e.index" /> }
        } @else { <ehr-viewer [body]="b" /> }
      } @else if (!fault() && !i.error && i.status !== 'removed') { <span class="skeleton tall"></span> }
      <ehr-proof [proof]="body()?.proof ?? i.proof" [open]="!!i.error" />
      <details class="card">
        <summary i18n>Versions ({{ i.history.length }})</summary>
        <table><thead><tr><th scope="col" i18n>Version</th><th scope="col" i18n>Written</th><th scope="col"><span class="visually-hidden" i18n>Open</span></th></tr></thead>
          <tbody>@for (h of i.history; track h.version) { <tr><td>{{ h.version }}</td><td>{{ moment(h.time) }}</td><td><button type="button" class="button quiet" (click)="show(h.version)" [disabled]="h.version === shown()" i18n>Open</button></td></tr> }</tbody></table>
        @if (difference(); as d) { <h3 i18n>Version {{ shown() }} beside the newest: − only in version {{ shown() }}, + only in the newest</h3><pre class="diff" tabindex="0" role="region" aria-label="Difference" i18n-aria-label>@for (l of d; track $index) {<span [class.add]="l.kind === '+'" [class.del]="l.kind === '-'">{{ l.kind }} {{ l.text }}
</span>}</pre> }
      </details>
      <details class="card no-print">
        <summary i18n>More</summary>
        <div class="stack">
          <div class="row">
            @if (i.status !== 'removed') { <button type="button" class="button" (click)="saveSealed()" i18n>Save the locked file (.age)</button> }
          </div>
          @if (mayAmend() && i.status !== 'removed') {
            <div class="field"><label for="amend" i18n>Replace by a new version</label><input id="amend" type="file" (change)="amend($any($event.target))"><p class="hint" i18n>The old version stays in the history.</p></div>
          }
          <div class="row">
            @if (mayAmend() && i.status === 'active') { <button type="button" class="button" (click)="mark('entered-in-error')" i18n>Mark as entered in error</button> }
            @if (mayAmend() && i.status === 'entered-in-error') { <button type="button" class="button" (click)="mark('active')" i18n>Take the mark away</button> }
            @if (mayRemove() && i.status === 'removed') { <button type="button" class="button" (click)="mark('active')" i18n>Bring it back</button> }
            @if (mayRemove() && i.status !== 'removed') { <button type="button" class="button danger" (click)="mark('removed')" i18n>Remove</button> }
            @if (isMine() && !isOld() && i.status === 'removed') { <button type="button" class="button danger" (click)="erase()" i18n>Erase for good</button> }
          </div>
        </div>
      </details>
    } @else if (!fault()) { <span class="skeleton tall"></span> }
  `,
  styles: `.tall { height: 320px; } .diff { max-height: 400px; overflow: auto; white-space: pre-wrap; } .add { color: var(--green); } .del { color: var(--red); }`,
})
export class RecordPage {
  readonly record = input.required<string>();
  protected readonly chart = inject(Chart);
  private readonly person = inject(Person);
  private readonly confirm = inject(Confirm);
  protected readonly fault = signal<Fault | null>(null);
  /** What the checks found, in words. */
  protected readonly failed = computed<Fault | null>(() => {
    const e = this.item()?.error;
    return e ? faultOf(Object.assign(new Error(e.message), { code: e.code })) : null;
  });
  protected readonly item = signal<RecordItem | null>(null);
  protected readonly body = signal<RecordBody | null>(null);
  protected readonly entries = signal<Entry[] | null>(null);
  protected readonly shown = signal(0);
  protected readonly newest = signal(0);
  protected readonly isOld = computed(() => this.shown() < this.newest());
  protected readonly difference = signal<{ kind: string; text: string }[] | null>(null);
  private readonly router = inject(Router);
  private readonly route = inject(ActivatedRoute);
  protected readonly wanted = toSignal(this.route.fragment.pipe(map((f) => f ?? '')), { initialValue: '' });
  private readonly rights = computed(() => this.chart.folder()?.permissions ?? 0);
  protected readonly mayAmend = computed(() => !this.isOld() && (this.rights() & AMEND) !== 0);
  protected readonly isMine = computed(() => this.chart.folder()?.mine ?? false);
  protected readonly mayRemove = computed(() => !this.isOld() && (this.rights() & REMOVE) !== 0);
  protected readonly unknown = $localize`A record that cannot be shown`;
  protected readonly categoryWord = categoryWord;
  protected readonly authorText = authorText;
  protected readonly authorNote = authorNote;
  protected readonly date = fhirDate;
  protected readonly moment = moment;
  protected readonly fileSize = size;

  private turn = 0;
  private isGone = false;

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.turn++;
      this.isGone = true;
    });
    effect(() => {
      const id = this.record();
      const folder = this.chart.folder();
      if (folder) untracked(() => void this.load(id as `0x${string}`));
    });
    effect(() => {
      if (this.wanted()) untracked(() => this.goToEntry());
    });
  }
  private goToEntry(): void {
    const name = this.wanted();
    if (name) setTimeout(() => document.getElementById(name)?.scrollIntoView({ block: 'start' }), 50);
  }
  private async load(id: `0x${string}`, version?: number): Promise<void> {
    const folder = this.chart.folder();
    if (!folder) return;
    const turn = ++this.turn; // another record or folder, or the page is gone: nothing of this one is shown then
    const isOver = (): boolean => turn !== this.turn;
    this.fault.set(null);
    this.difference.set(null);
    if (this.item()?.recordId !== id || this.item()?.folderId !== folder.folderId) this.clear();
    try {
      const known = version === undefined ? this.chart.byId().get(id) : undefined;
      const item = known ?? (await this.person.need().record(folder.folderId, id, version));
      if (isOver()) return;
      this.item.set(item);
      this.shown.set(item.version);
      this.newest.update((n) => Math.max(n, item.version));
      this.clearContent();
      if (item.error || item.status === 'removed') return;
      const body = await this.chart.body(item);
      const isFhir = /^application\/(fhir\+)?json/.test(item.meta?.contentType ?? '');
      const entries = isFhir && body.bytes ? await resourcesIn(id, body) : null;
      if (isOver()) return;
      this.item.set(body.item);
      this.entries.set(entries);
      this.body.set(body);
      this.goToEntry();
    } catch (e) {
      if (!isOver()) this.fault.set(faultOf(e));
    }
  }
  private clear(): void {
    this.item.set(null);
    this.shown.set(0);
    this.newest.set(0);
    this.clearContent();
  }
  private clearContent(): void {
    this.body.set(null);
    this.entries.set(null);
  }
  /** An older version in place, and what the newest one has other than it. */
  protected async show(version: number): Promise<void> {
    const id = this.item()!.recordId;
    const history = this.item()!.history;
    await this.load(id, version);
    if (this.record() !== id) return;
    this.item.update((i) => (i ? { ...i, history } : i));
    const newest = this.chart.byId().get(id);
    const old = this.body();
    if (!newest || newest.version === version || !old?.bytes || !this.entries()) return;
    try {
      const [{ difference }, now] = await Promise.all([import('./difference'), this.chart.body(newest)]);
      if (now.bytes && this.shown() === version && this.record() === id) this.difference.set(difference(text(old.bytes), text(now.bytes)));
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  protected saveIt(): void {
    const i = this.item();
    const b = this.body();
    if (i && b) save(new Blob([b.blob], { type: 'application/octet-stream' }), i.meta?.fileName || `${i.meta?.title ?? 'record'}${/json/.test(i.meta?.contentType ?? '') ? '.json' : ''}`);
  }
  protected async saveSealed(): Promise<void> {
    const i = this.item();
    if (!i) return;
    try {
      save(await this.person.need().readSealed(i), `${i.meta?.fileName || i.meta?.title || 'record'}.age`);
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  protected async amend(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    const i = this.item();
    if (!file || !i) return;
    input.value = '';
    await this.change(i, async () => {
      const plan = await this.person.need().plan([file]);
      const next = plan.items[0];
      if (!next || plan.items.length > 1) throw Object.assign(new Error('one file for one record'), { code: 'E_SYNTAX' });
      await this.person.need().amend(i, i.meta ? successor(i.meta, next) : next);
      return $localize`The new version is confirmed`;
    });
  }
  protected async mark(status: RecordStatus): Promise<void> {
    const i = this.item();
    if (!i) return;
    const title = i.meta?.title ?? '';
    const q =
      status === 'removed'
        ? { title: $localize`Remove this record?`, ...this.removal(title), yes: $localize`Remove`, danger: true }
        : i.status === 'removed'
          ? { title: $localize`Bring this record back?`, sentence: $localize`“${title}:title:” will be open again to those who share this folder.`, yes: $localize`Bring it back` }
        : status === 'active'
          ? { title: $localize`Take the mark away?`, sentence: $localize`“${title}:title:” will count again.`, yes: $localize`Take the mark away` }
          : { title: $localize`Entered in error?`, sentence: $localize`“${title}:title:” will be marked as entered in error. You can take the mark away again.`, yes: $localize`Mark it` };
    await this.change(i, async () => {
      await this.person.need().setStatus(i, status, { confirm: this.confirm.before(q) });
      return $localize`Confirmed`;
    });
  }
  private removal(title: string): { sentence: string; more: string[] } {
    const copies = $localize`Copies that others saved do not disappear.`;
    return this.isMine()
      ? { sentence: $localize`“${title}:title:” will be removed: those you share with can no longer open it.`, more: [$localize`You can bring it back, or erase it for good afterwards.`, copies] }
      : { sentence: $localize`“${title}:title:” will be removed from this chart. You will not see it any more; the patient can bring it back.`, more: [copies] };
  }
  protected async erase(): Promise<void> {
    const i = this.item();
    if (!i) return;
    const title = i.meta?.title ?? '';
    const sure = await this.confirm.ask({
      title: $localize`Erase this record for good?`, sentence: $localize`“${title}:title:” and all its versions will be erased from this service. This cannot be undone.`,
      more: [$localize`Copies that others saved do not disappear. The ledger keeps a fingerprint that tells nothing of the content.`], yes: $localize`Erase for good`, danger: true,
    });
    if (sure)
      await this.change(i, async () => {
        await this.person.need().erase(i);
        return $localize`Erased`;
      });
  }
  /** While it is written the reader may open something else: the end is told there too, but nothing else changes. */
  private async change(i: RecordItem, work: () => Promise<string>): Promise<void> {
    const session = this.person.session();
    const isShown = (): boolean => session === this.person.session() && this.record() === i.recordId && this.chart.folder()?.folderId === i.folderId;
    this.fault.set(null);
    try {
      const said = await this.person.writing(work);
      if (session !== this.person.session()) return;
      this.person.say(said);
      const now = await this.chart.renew(i.folderId, i.recordId);
      if (!isShown() || this.isGone) return;
      if (now === 'gone') await this.router.navigate(['../../documents'], { relativeTo: this.route }); // it is not there any more
      else await this.load(i.recordId);
    } catch (e) {
      if (isShown()) this.fault.set(faultOf(e));
    }
  }
}
const text = (b: Uint8Array): string => new TextDecoder().decode(b);
