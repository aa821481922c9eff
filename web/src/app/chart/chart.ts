// SPDX-License-Identifier: Apache-2.0
// The head that stays over a chart: name, age, allergies in words, folder in use; and for physicians its places.
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, untracked } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { FaultNote } from '../ui/fault';
import { Chart } from '../state/chart';
import { faultOf } from '../state/faults';
import { Person } from '../state/person';
import { rows } from '../fhir/summary';
import { allergyWords } from '../fhir/words';
import { age, ending, fhirDate, moment } from '../state/words';
import type { Life } from '../state/whose';
import { drawAtOnce } from '../ui/settle';
import { whenBack } from '../ui/when-back';
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
          <p class="who">{{ chart.whose().name || f.name }}</p>
          <p class="small soft">@if (lives(); as l) { {{ l }} } @else if (chart.unread().length) { <span i18n>date of birth not known</span> } @else { <span i18n>no date of birth in the record</span> }</p>
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
        <div class="small row no-print"><span class="soft">{{ checked() }}</span> <button type="button" class="button quiet" [disabled]="chart.isOpening() && !chart.fault() && !chart.ended()" (click)="again()" i18n>Refresh</button></div>
      </header>
      @if (doubts(); as d) { <p class="note warn" role="status"><b i18n>What this chart says of whose it is does not agree:</b> {{ d }}. <span i18n>Make sure that it is about one person before you rely on it.</span></p> }
      @if (folderId()) {
        <nav class="tabs" aria-label="Chart" i18n-aria-label>
          <a [routerLink]="['/chart', folderId(), 'summary']" routerLinkActive="on" ariaCurrentWhenActive="page" i18n>Summary</a>
          <a [routerLink]="['/chart', folderId(), 'timeline']" routerLinkActive="on" ariaCurrentWhenActive="page" i18n>Timeline</a>
          <a [routerLink]="['/chart', folderId(), 'documents']" routerLinkActive="on" ariaCurrentWhenActive="page" i18n>Documents</a>
        </nav>
      }
    } @else if ((folderId() || !chart.folders()) && !chart.fault()) {
      <div class="chart-head wait" aria-hidden="true"><div><p class="who">&nbsp;</p><p class="small">&nbsp;</p></div><p class="small">&nbsp;</p><div class="small"><p>&nbsp;</p></div><div class="small row"><span class="button quiet">&nbsp;</span></div></div>
    }
    @if (chart.ended() && begins()) {
      <p class="note" role="status" i18n>This chart is shared with you from {{ begins() }} on. It opens then.</p>
    } @else if (chart.ended()) {
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
    } @else if (!chart.ended() && (chart.folder() || !chart.fault())) { <router-outlet (activate)="settle()" /> }
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
  protected readonly lives = computed(() => [...new Set(this.chart.whose().lives.map(lifeText))].filter(Boolean).join(' / '));
  protected readonly doubts = computed(() => {
    const { name, others, births, isDeathUnclear } = this.chart.whose();
    return [
      others.length ? [name, ...others].map((n) => `“${n}”`).join(' / ') : '',
      births.length > 1 ? $localize`born ${births.map(fhirDate).join(' / ')}:dates:` : '',
      isDeathUnclear ? $localize`not every record says that the person has died` : '',
    ].filter(Boolean).join(' · ');
  });
  protected readonly checked = computed(() => {
    if (this.chart.checkedAt()) return $localize`checked ${moment(this.chart.checkedAt() / 1000)}:date:`;
    return this.chart.fault() || this.chart.ended() ? '' : $localize`being checked…`;
  });
  /** Of a grant that has not begun. */
  protected readonly begins = computed(() => {
    const f = this.chart.folder();
    return f?.state === 'not-yet' ? moment(f.notBefore) : '';
  });
  protected readonly until = computed(() => ending(this.chart.folder()?.notAfter ?? 0));
  protected readonly hasAllergies = computed(() => rows(this.chart.sections().allergies).some((r) => r.isInForce));
  protected readonly allergies = computed(() => allergyWords(this.chart.sections().allergies, this.chart.isOpening(), this.chart.unread().length > 0));

  constructor() {
    effect(() => {
      const id = this.folderId();
      untracked(() => void (id ? this.chart.useId(id) : this.chart.useOwn()));
    });
    whenBack(() => void this.chart.goOn());
  }
  protected choose(id: string): void {
    const f = this.mine().find((m) => m.folderId === id);
    if (f) void this.chart.use(f);
  }
  protected again(): void {
    void this.chart.again();
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
function lifeText({ birth, died }: Life): string {
  if (!died) return birth ? age(birth) : '';
  if (died === 'true') return $localize`deceased`;
  const on = fhirDate(died);
  return birth && /^\d{4}-\d\d-\d\d/.test(died) ? $localize`died ${on}:date:, ${age(birth, new Date(died.slice(0, 10)))}:age:` : $localize`died ${on}:date:`;
}
