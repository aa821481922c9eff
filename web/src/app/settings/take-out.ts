// SPDX-License-Identifier: Apache-2.0
// Taking everything out, and what is not in it: nothing is left out without a word.
import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { FaultNote } from '../ui/fault';
import { save } from '../ui/save';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import type { Exported, Session } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { number } from '../state/words';

const LISTED = 20; // of what was left out, by title

@Component({
  selector: 'ehr-take-out',
  imports: [FormsModule, FaultNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <p class="small soft" i18n>As one FHIR bundle that any clinic can read, or as the locked files with their keys under a passphrase.</p>
    <ehr-fault [fault]="fault()" />
    @if (working()) { <p role="status" class="note">{{ working() }}</p> }
    @if (taken(); as t) {
      <div class="note stack-s" [class.warn]="t.failed.length" role="status">
        <p i18n>Records in the file: {{ count(t.records) }}</p>
        @if (t.inError) { <p i18n>Left out, since they are marked as entered in error: {{ count(t.inError) }}</p> }
        @if (t.large.length) { <p i18n>Named only, since they are too large for the bundle: {{ count(t.large.length) }}</p> }
        @if (t.failed.length) {
          <p><b i18n>Left out, since they could not be opened and checked: {{ count(t.failed.length) }}</b></p>
          <ul>@for (f of t.failed.slice(0, listed); track f.recordId) { <li class="small">{{ f.title || unknown }}</li> }</ul>
        }
      </div>
    }
    <div class="row"><button type="button" class="button" [disabled]="!!working()" (click)="bundle()" i18n>FHIR bundle</button></div>
    <form class="stack-s" (ngSubmit)="locked()"><div class="field"><label for="xp" i18n>Passphrase for the keys</label><input id="xp" name="xp" type="password" autocomplete="new-password" [(ngModel)]="pass"></div>
    <div><button type="submit" class="button" [disabled]="pass().length < 12 || !!working()" i18n>Locked files (ZIP)</button></div></form>
  `,
})
export class TakeOut {
  private readonly person = inject(Person);
  private readonly chart = inject(Chart);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly working = signal('');
  protected readonly taken = signal<Exported | null>(null);
  protected readonly pass = signal('');
  protected readonly count = number;
  protected readonly listed = LISTED;
  protected readonly unknown = $localize`A record that cannot be shown`;

  protected bundle(): Promise<void> {
    return this.take($localize`Opening everything…`, 'health-record.json', (s, ids) => s.exportBundle(ids));
  }
  protected async locked(): Promise<void> {
    await this.take($localize`Gathering the files…`, 'health-record.zip', (s, ids) => s.exportAge(ids, this.pass()));
    this.pass.set('');
  }
  private async take(text: string, name: string, work: (s: Session, ids: `0x${string}`[]) => Promise<Exported>): Promise<void> {
    const session = this.person.need();
    const isOver = (): boolean => session !== this.person.session(); // locked meanwhile: nothing is saved or said
    this.fault.set(null);
    this.taken.set(null);
    this.working.set(text);
    try {
      const folders = this.chart.folders() ?? (await this.chart.loadFolders());
      const taken = await this.person.writing(() => work(session, folders.filter((f) => f.mine).map((f) => f.folderId)));
      if (isOver()) return;
      save(taken.blob, name);
      this.taken.set(taken);
    } catch (e) {
      if (!isOver()) this.fault.set(faultOf(e));
    } finally {
      this.working.set('');
    }
  }
}
