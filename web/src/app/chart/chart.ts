// SPDX-License-Identifier: Apache-2.0
// The head that stays over a chart: name, age, allergies in words, folder in use; and for physicians its places.
import { ChangeDetectionStrategy, Component, computed, effect, inject, input } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { FaultNote } from '../ui/fault';
import { Chart } from '../state/chart';
import { faultOf } from '../state/faults';
import { Person } from '../state/person';
import { rows } from '../fhir/summary';
import { allergyWords } from '../fhir/words';
import { str, type Resource } from '../fhir/read';
import { age, ending, fhirDate } from '../state/words';
import { drawAtOnce } from '../ui/settle';
import { Unread } from './unread';

@Component({
  imports: [RouterOutlet, RouterLink, RouterLinkActive, FormsModule, FaultNote, Unread],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    @if (folderId()) { <a class="button quiet back" routerLink="/patients" i18n>All patients</a> }
    @if (chart.folder(); as f) {
      <header class="chart-head">
        <div>
          <p class="who">{{ chart.name() || f.ownerName || f.name }}</p>
          <p class="small soft">@if (birth(); as b) { {{ b }} } @else if (chart.unread().length) { <span i18n>date of birth not known</span> } @else { <span i18n>no date of birth in the record</span> }</p>
        </div>
        <p class="small"><b i18n>Allergies:</b> <span [class.alert]="hasAllergies()"> {{ allergies() }}</span></p>
        <div class="small">
          @if (!folderId() && mine().length > 1) {
            <label class="row"><span i18n>Folder</span> <select name="folder" [ngModel]="f.folderId" (ngModelChange)="choose($event)">@for (m of mine(); track m.folderId) { <option [value]="m.folderId">{{ m.name }}</option> }</select></label>
          } @else {
            <p><span class="soft" i18n>Folder</span> <b>{{ f.name }}</b></p>
            @if (!f.mine && f.notAfter) { <p class="soft" i18n>shared until {{ until() }}</p> }
          }
        </div>
      </header>
      @if (folderId()) {
        <nav class="tabs" aria-label="Chart" i18n-aria-label>
          <a [routerLink]="['/chart', folderId(), 'summary']" routerLinkActive="on" ariaCurrentWhenActive="page" i18n>Summary</a>
          <a [routerLink]="['/chart', folderId(), 'timeline']" routerLinkActive="on" ariaCurrentWhenActive="page" i18n>Timeline</a>
          <a [routerLink]="['/chart', folderId(), 'documents']" routerLinkActive="on" ariaCurrentWhenActive="page" i18n>Documents</a>
        </nav>
      }
    } @else if (!chart.folders() && !chart.fault() && !chart.ended()) {
      <div class="chart-head wait" aria-hidden="true"><div><p class="who">&nbsp;</p><p class="small">&nbsp;</p></div><p class="small">&nbsp;</p><div class="small"><p>&nbsp;</p></div></div>
    }
    @if (chart.ended()) {
      <div class="note warn stack-s" role="alert"><p><b i18n>This chart is no longer shared with you.</b> <span i18n>What was open has been closed. You can ask for access again.</span></p><p><a class="button" routerLink="/requests" i18n>Ask for access</a></p></div>
    }
    <ehr-fault [fault]="chart.fault()"><button type="button" class="button" (click)="again()" i18n>Try again</button></ehr-fault>
    <ehr-unread />
    @if (chart.folders() && !chart.folder() && !folderId() && !chart.fault()) {
      <div class="empty">
        <h1 i18n>Your record is empty</h1>
        <p i18n>Open a first folder. You can add documents to it, or let a physician add them.</p>
        <button type="button" class="button primary" [disabled]="person.busy() > 0" (click)="open()" i18n>Start my record</button>
      </div>
    } @else if (!chart.ended()) { <router-outlet (activate)="settle()" /> }
  `,
  styles: `.alert { color: var(--red); font-weight: 620; } .back { justify-self: start; }`,
})
export class ChartShell {
  protected readonly chart = inject(Chart);
  protected readonly person = inject(Person);
  protected readonly settle = drawAtOnce();
  readonly folder = input<string>();
  protected readonly folderId = computed(() => this.folder());
  protected readonly mine = computed(() => (this.chart.folders() ?? []).filter((f) => f.mine));
  protected readonly birth = computed(() => {
    const birth = this.chart.birthDate();
    return died(this.chart.patient(), birth) || (birth ? age(birth) : '');
  });
  protected readonly until = computed(() => ending(this.chart.folder()?.notAfter ?? 0));
  protected readonly hasAllergies = computed(() => rows(this.chart.sections().allergies).some((r) => r.isInForce));
  protected readonly allergies = computed(() => allergyWords(this.chart.sections().allergies, this.chart.isOpening(), this.chart.unread().length > 0));

  constructor() {
    effect(() => {
      const id = this.folderId();
      void (id ? this.chart.useId(id) : this.chart.useOwn()).catch((e: unknown) => this.chart.fault.set(faultOf(e)));
    });
  }
  protected choose(id: string): void {
    const f = this.mine().find((m) => m.folderId === id);
    if (f) void this.chart.use(f);
  }
  protected again(): void {
    void this.chart.reload();
  }
  protected open(): Promise<void> {
    return this.person.writing(async () => {
      try {
        await this.person.need().openFolder($localize`General`);
        await this.chart.loadFolders();
        await this.chart.useOwn();
      } catch (e) {
        this.chart.fault.set(faultOf(e));
      }
    });
  }
}

/** Of one who has died the age stands still. */
function died(patient: Resource | null, birth: string): string {
  const when = str(patient ?? undefined, 'deceasedDateTime');
  if (!when) return str(patient ?? undefined, 'deceasedBoolean') === 'true' ? $localize`deceased` : '';
  const on = fhirDate(when);
  return birth && /^\d{4}-\d\d-\d\d/.test(when) ? $localize`died ${on}:date:, ${age(birth, new Date(when.slice(0, 10)))}:age:` : $localize`died ${on}:date:`;
}
