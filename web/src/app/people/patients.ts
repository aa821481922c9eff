// SPDX-License-Identifier: Apache-2.0
// The physician's patients: the folders that were shared, and nothing about others.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { RouterLink } from '@angular/router';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import type { Folder } from '../state/core';
import { Reading } from '../state/reading';
import { whenBack } from '../ui/when-back';
import { ending, may, moment, number } from '../state/words';

@Component({
  imports: [FormsModule, RouterLink, FaultNote, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Patients</h1><a class="button primary" routerLink="/requests"><ehr-icon name="plus" /><span i18n>Ask for access</span></a></div>
    <ehr-fault [fault]="reading.fault()" />
    @if (unread()) { <p class="note warn" role="status" i18n>What some people shared with you could not be read and is left out here. Ask them to share it again.</p> }
    <form role="search" (ngSubmit)="(0)"><label><span class="visually-hidden" i18n>Search by name</span><input type="search" name="q" placeholder="Search by name" i18n-placeholder [(ngModel)]="words"></label></form>
    @if (reading.isWaiting()) { @for (i of [1, 2, 3]; track i) { <span class="skeleton tall"></span> } }
    @else if (reading.isRead() || live().length) {
      <p class="small soft" role="status">{{ shownText() }}</p>
      <ul class="list card">
      @for (f of found(); track f.folderId) {
        @if (f.state === 'not-yet') {
          <li class="line folds"><span class="line-body"><span class="line-title">{{ f.ownerName || f.name }}</span><span class="small soft" i18n>“{{ f.name }}” opens on {{ moment(f.notBefore) }}</span></span>
            <span class="line-side" i18n>until {{ ending(f.notAfter) }}</span></li>
        } @else {
          <li><a class="line folds" [routerLink]="['/chart', f.folderId, 'summary']"><span class="line-body"><span class="line-title">{{ f.ownerName || f.name }}</span><span class="small soft">{{ rights(f) }}</span></span>
            <span class="line-side" i18n>until {{ ending(f.notAfter) }}</span></a></li>
        }
      } @empty { <li class="soft">@if (live().length) { <ng-container i18n>Nobody fits. Try fewer words.</ng-container> } @else { <ng-container i18n>Nobody shares with you at the moment.</ng-container> }</li> }
      </ul>
    }
    @if (over().length) {
      <details class="card"><summary i18n>No longer shared ({{ over().length }})</summary>
        <ul class="list">@for (f of over(); track f.folderId) { <li class="line"><span class="line-body"><span class="line-title">{{ f.ownerName || f.name }}</span><span class="small soft">{{ f.name }}</span></span><span class="line-side">{{ stateWord(f) }}</span></li> }</ul></details>
    }
  `,
  styles: `.tall { height: 60px; }`,
})
export class PatientsPage {
  private readonly person = inject(Person);
  private readonly chart = inject(Chart);
  protected readonly reading = new Reading();
  protected readonly words = signal('');
  protected readonly unread = signal(0);
  protected readonly ending = ending;
  protected readonly moment = moment;
  private readonly shared = computed(() => (this.chart.folders() ?? []).filter((f) => !f.mine));
  protected readonly live = computed(() => this.shared().filter((f) => f.state === 'live' || f.state === 'not-yet').sort((a, b) => a.ownerName.localeCompare(b.ownerName)));
  protected readonly over = computed(() => this.shared().filter((f) => f.state !== 'live' && f.state !== 'not-yet'));
  protected readonly found = computed(() => this.live().filter((f) => `${f.ownerName} ${f.name}`.toLowerCase().includes(this.words().trim().toLowerCase())));
  protected readonly shownText = computed(() => $localize`${number(this.found().length)}:shown: of ${number(this.live().length)}:all: shown`);

  constructor() {
    void this.load();
    whenBack(() => void (this.reading.fault() ? this.load() : null));
  }
  private load(): Promise<void> {
    return this.reading.run(async () => {
      const { unread } = await this.person.need().scanInbox();
      await this.chart.loadFolders();
      return () => this.unread.set(unread);
    });
  }
  protected rights(f: Folder): string {
    return $localize`you may ${may(f.permissions)}:rights: “${f.name}:folder:”`;
  }
  protected stateWord(f: Folder): string {
    return f.state === 'revoked' ? $localize`stopped` : f.state === 'expired' ? $localize`ended` : $localize`paused`;
  }
}
