// SPDX-License-Identifier: Apache-2.0
// Documents of the folder, and adding to it: drop or choose, see what it becomes, watch each item until it is confirmed.
import { ChangeDetectionStrategy, Component, DestroyRef, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { RouterLink } from '@angular/router';
import { FaultNote } from '../ui/fault';
import { Icon } from '../ui/icon';
import { Adding, type Upload } from './adding';
import { authorText } from './author';
import { Drafts, type Draft } from './drafts';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import { core, type AddPlan, type Folder } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { newestFirst } from '../fhir/order';
import { categoryWord, fhirDate, number, size } from '../state/words';

const PAGE = 60;

@Component({
  imports: [FormsModule, RouterLink, FaultNote, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack', '(window:dragover)': '$event.preventDefault()', '(window:drop)': '$event.preventDefault()' },
  template: `
    <div class="page-head">
      <h1 i18n>Documents</h1>
      @if (chart.mayAdd()) { <button type="button" class="button primary" (click)="picker.click()"><ehr-icon name="plus" /><span i18n>Add documents</span></button> }
    </div>
    <input #picker type="file" multiple hidden aria-label="Files to add" i18n-aria-label (change)="chosen($any($event.target))">
    <ehr-fault [fault]="fault() ?? (adding.isHere() ? adding.fault() : null)" />
    @if (adding.uploads().length && !adding.isHere()) {
      <p class="note" role="status">
        @if (adding.running()) { <span i18n>Documents are still being added to “{{ adding.folder()?.name }}” ({{ adding.folder()?.ownerName }}). You can add to this folder when that is done.</span> }
        @else if (adding.failed()) { <b i18n>Not added to “{{ adding.folder()?.name }}” ({{ adding.folder()?.ownerName }}): {{ adding.failed() }} of {{ adding.uploads().length }}</b> }
        @else { <span i18n>Added to “{{ adding.folder()?.name }}” ({{ adding.folder()?.ownerName }}): {{ adding.confirmed() }} of {{ adding.uploads().length }}</span> }
      </p>
    }
    @if (chart.mayAdd()) {
      <div class="drop" [class.over]="over()" (dragover)="$event.preventDefault(); over.set(true)" (dragleave)="over.set(false)" (drop)="dropped($event)">
        <p i18n>Drop files here: PDF, pictures, DICOM, FHIR bundles, C-CDA. They are locked on this device before they leave it.</p>
        <p><button type="button" class="button quiet" (click)="toggleNote()" [attr.aria-expanded]="noteOpen()" i18n>Write a note instead</button></p>
      </div>
      @if (noteOpen()) {
        <form class="card stack" (ngSubmit)="addNote()">
          <h2 i18n>Note</h2>
          <div class="field"><label for="nt" i18n>Title</label><input id="nt" name="nt" maxlength="200" [(ngModel)]="noteTitle"></div>
          <div class="field"><label for="nx" i18n>Text</label><textarea id="nx" name="nx" rows="6" [(ngModel)]="noteText"></textarea></div>
          <div><button type="submit" class="button primary" [disabled]="!noteTitle().trim() || !noteText().trim() || adding.running()" i18n>Add the note</button></div>
        </form>
      }
    }
    @if (plan(); as p) {
      <section class="card stack" aria-labelledby="plan">
        <h2 id="plan" i18n>Add {{ p.items.length }} to “{{ chart.folder()?.name }}”?</h2>
        @if (p.unreadable.length) {
          <div class="note warn stack-s"><p><b i18n>{{ p.unreadable.length }} could not be read and will be left out:</b></p>
            <ul>@for (u of p.unreadable.slice(0, 20); track $index) { <li class="small">{{ u.file }}@if (u.entry !== null) {<span i18n>, entry {{ u.entry + 1 }}</span>}: {{ u.reason }}</li> }</ul></div>
        }
        <ul class="list">
          @for (i of p.items.slice(0, 12); track $index) {
            <li class="line"><span class="line-body">
              @if (p.items.length <= 3) { <input [name]="'t' + $index" [attr.aria-label]="titleLabel" [(ngModel)]="i.title" maxlength="200"> } @else { <span class="line-title">{{ i.title }}</span> }
              <span class="small soft">{{ categoryWord(i.category) }} · {{ fileSize(i.size) }}@if (i.entries) { · <span i18n>{{ i.entries }} entries</span> }</span></span></li>
          }
        </ul>
        @if (p.items.length > 12) { <p class="soft" i18n>and {{ p.items.length - 12 }} more</p> }
        <div class="actions"><button type="button" class="button primary" [disabled]="!p.items.length || adding.running()" (click)="add(p)" i18n>Lock and add</button><button type="button" class="button quiet" (click)="planned.set(null)" i18n>Not now</button></div>
      </section>
    }
    @if (adding.uploads().length && adding.isHere()) {
      <section class="card stack-s" aria-labelledby="up">
        <div class="row between"><h2 id="up">{{ uploadTitle() }}</h2>
          @if (adding.running()) { <button type="button" class="button" (click)="adding.cancel()" i18n>Cancel what is not stored yet</button> } @else { <button type="button" class="button quiet" (click)="adding.clear()" i18n>Clear</button> }</div>
        @if (adding.unreadable().length) {
          <details class="note warn"><summary i18n>{{ adding.unreadable().length }} could not be read and were left out</summary>
            <ul>@for (u of adding.unreadable().slice(0, 500); track $index) { <li class="small">{{ u.file }}@if (u.entry !== null) {<span i18n>, entry {{ u.entry + 1 }}</span>}: {{ u.reason }}</li> }</ul></details>
        }
        <ul class="list">
          @for (u of adding.uploads().slice(0, 30); track $index) {
            <li class="line folds"><span class="line-body"><span class="line-title">{{ u.title }}</span><span class="small soft">{{ fileSize(u.size) }}</span>
              @if (u.stage === 'uploading' && u.size > 4000000) { <span class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" [attr.aria-valuenow]="percent(u)" [attr.aria-label]="u.title"><i [style.width.%]="percent(u)"></i></span> }</span>
              <span class="row"><span class="tag" [class.good]="u.stage === 'confirmed'" [class.bad]="u.stage === 'failed'">@if (u.stage === 'confirmed') { <ehr-icon name="check" /> } {{ stageWord(u.stage) }}</span>
              @if (u.recordId) { <a class="button quiet" [routerLink]="['../record', u.recordId]" i18n>Proof</a> }</span></li>
          }
        </ul>
      </section>
    }

    <form class="row" role="search" (ngSubmit)="(0)">
      <label class="grow"><span class="visually-hidden" i18n>Search in titles</span><input type="search" name="q" placeholder="Search in titles" i18n-placeholder [(ngModel)]="words"></label>
      <label class="choice"><input type="checkbox" name="all" [(ngModel)]="withChart"> <span i18n>also entries of the chart</span></label>
    </form>
    <p class="small soft" role="status">{{ shownText() }}</p>
    @if (!found().length && chart.isReading()) { @for (i of [1, 2, 3]; track i) { <span class="skeleton tall"></span> } }
    <ul class="list card">
      @for (i of found().slice(0, limit()); track i.recordId) {
        <li><a class="line" [routerLink]="['../record', i.recordId]">
          <ehr-icon name="documents" />
          <span class="line-body"><span class="line-title">{{ i.meta?.title ?? unknown }}</span><span class="small soft">{{ categoryWord(i.meta?.category ?? '') }} · {{ authorText(i) }} · {{ fileSize(i.meta?.size ?? 0) }}</span></span>
          @if (i.error) { <span class="tag bad" i18n>check failed</span> }
          @if (i.status !== 'active') { <span class="tag warn">{{ i.status === 'removed' ? removedWord : errorWord }}</span> }
          <span class="line-side">{{ date(i.meta?.creation || i.meta?.date || '') }}</span></a></li>
      } @empty { @if (!chart.isReading()) { <li class="soft">@if (all().length) { <ng-container i18n>Nothing fits. Try fewer words.</ng-container> } @else { <ng-container i18n>No documents here yet.</ng-container> }</li> } }
    </ul>
    @if (found().length > limit()) { <button type="button" class="button" (click)="limit.set(limit() + 200)" i18n>Show more</button> }
  `,
  styles: `
    .drop { border: 2px dashed var(--line-strong); border-radius: var(--radius); padding: 16px 24px; text-align: center; color: var(--ink-soft); display: grid; gap: 4px; }
    .drop.over { border-color: var(--accent); background: var(--accent-soft); }
    .grow { flex: 1 1 240px; } .tall { height: 60px; } .tag .icon { width: 14px; height: 14px; }
  `,
})
export class DocumentsPage {
  protected readonly chart = inject(Chart);
  private readonly person = inject(Person);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly over = signal(false);
  /** What is about to be added belongs to the folder it was chosen for: in another one it is not offered. */
  protected readonly planned = signal<{ folder: Folder; plan: AddPlan } | null>(null);
  protected readonly plan = computed(() => (this.isOpen(this.planned()?.folder) ? this.planned()!.plan : null));
  protected readonly adding = inject(Adding);
  private readonly noteFor = signal<Folder | null>(null);
  protected readonly noteOpen = computed(() => this.isOpen(this.noteFor()));
  /** Whose note stands in the form, open or not. */
  private noteWritten: Folder | null = null;
  private readonly drafts = inject(Drafts);
  private isGone = false;
  protected readonly noteTitle = signal('');
  protected readonly noteText = signal('');
  protected readonly words = signal('');
  protected readonly withChart = signal(false);
  protected readonly limit = signal(PAGE);
  protected readonly categoryWord = categoryWord;
  protected readonly authorText = authorText;
  protected readonly fileSize = size;
  protected readonly date = fhirDate;
  protected readonly unknown = $localize`A record that cannot be shown`;
  protected readonly titleLabel = $localize`Title`;
  protected readonly removedWord = $localize`removed`;
  protected readonly errorWord = $localize`entered in error`;

  protected readonly all = computed(() => this.chart.items().filter((i) => this.withChart() || i.error || !/json/.test(i.meta?.contentType ?? '')));
  protected readonly found = computed(() => {
    const words = this.words().toLowerCase().split(/\s+/).filter(Boolean);
    return this.all()
      .filter((i) => words.every((w) => `${i.meta?.title} ${authorText(i)}`.toLowerCase().includes(w)))
      .sort((a, b) => newestFirst(a.meta?.creation || a.meta?.date || '', b.meta?.creation || b.meta?.date || ''));
  });
  protected readonly shownText = computed(() => $localize`${number(this.found().length)}:shown: of ${number(this.all().length)}:all: shown`);
  protected readonly uploadTitle = computed(() => {
    return $localize`${this.adding.confirmed()}:done: of ${this.adding.uploads().length}:all: confirmed`;
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      if (this.person.session()) this.keepNote();
      this.isGone = true;
    });
  }
  protected stageWord(s: Upload['stage']): string {
    switch (s) {
      case 'waiting': case 'preparing': case 'reading': case 'checking': return $localize`waiting`;
      case 'encrypting': return $localize`encrypting`;
      case 'uploading': return $localize`storing`;
      case 'stored': case 'confirming': return $localize`stored`;
      case 'confirmed': return $localize`confirmed`;
      case 'failed': return $localize`not added`;
      case 'unknown': return $localize`not known whether it was added`;
    }
  }
  protected chosen(input: HTMLInputElement): void {
    const files = Array.from(input.files ?? []);
    input.value = '';
    void this.look(files);
  }
  protected dropped(e: DragEvent): void {
    e.preventDefault();
    this.over.set(false);
    void this.look(Array.from(e.dataTransfer?.files ?? []));
  }
  private isOpen(f: Folder | null | undefined): boolean {
    return !!f && f.folderId === this.chart.folder()?.folderId;
  }
  private async look(files: File[]): Promise<void> {
    const folder = this.chart.folder();
    if (!files.length || !folder) return;
    this.fault.set(null);
    try {
      this.planned.set({ folder, plan: await this.person.need().plan(files) });
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  protected toggleNote(): void {
    const folder = this.chart.folder();
    const isOpen = this.noteOpen();
    this.keepNote();
    if (folder && !isOpen) this.takeNote(folder);
    this.noteFor.set(isOpen ? null : folder);
  }
  private keepNote(): void {
    if (this.noteWritten) this.drafts.put(this.noteWritten.folderId, { title: this.noteTitle(), text: this.noteText() });
  }
  private takeNote(folder: Folder): void {
    const { title, text } = this.drafts.of(folder.folderId);
    this.noteTitle.set(title);
    this.noteText.set(text);
    this.noteWritten = folder;
  }
  protected async addNote(): Promise<void> {
    const folder = this.noteFor();
    if (!folder) return;
    const session = this.person.session();
    const title = this.noteTitle().trim();
    const { writeJson } = await core();
    const now = new Date().toISOString();
    const text = this.noteText();
    const data = btoa(Array.from(new TextEncoder().encode(text), (b) => String.fromCharCode(b)).join(''));
    const resource = { resourceType: 'DocumentReference', status: 'current', docStatus: 'final', type: { coding: [{ system: 'http://loinc.org', code: '11506-3', display: 'Progress note' }] }, date: now, author: [{ display: this.person.name() }], description: title, content: [{ attachment: { contentType: 'text/plain; charset=utf-8', data, title } }] };
    const blob = new Blob([writeJson(resource)], { type: 'application/fhir+json' });
    this.noteFor.set(null);
    this.drafts.put(folder.folderId, { title: '', text: '' });
    this.takeNote(folder);
    const isAdded = await this.adding.add(folder, [{ title, contentType: 'application/fhir+json', fileName: '', category: 'notes', creation: now, size: blob.size, data: blob }], []);
    if (!isAdded && session === this.person.session()) this.giveBack(folder, { title, text });
  }
  private giveBack(folder: Folder, note: Draft): void {
    if (!this.isGone) this.keepNote();
    this.drafts.giveBack(folder.folderId, note);
    if (this.noteWritten?.folderId === folder.folderId) this.takeNote(folder);
    if (!this.noteFor()) this.noteFor.set(folder);
  }
  protected percent(u: Upload): number {
    return Math.round(100 * u.part);
  }
  protected add(plan: AddPlan): Promise<boolean> {
    const folder = this.planned()!.folder;
    this.planned.set(null);
    this.fault.set(null);
    return this.adding.add(folder, plan.items, plan.unreadable);
  }
}
