// SPDX-License-Identifier: Apache-2.0
// What is being added to a folder: lives on while the reader looks at other pages, and tells the end of each item.
import { Injectable, computed, inject, signal } from '@angular/core';
import { Chart } from '../state/chart';
import { Person } from '../state/person';
import { codeOf, type Added, type AddItem, type AddPlan, type Folder, type Hash, type Stage } from '../state/core';
import { faultOf, type Fault } from '../state/faults';

export interface Upload { title: string; size: number; stage: Stage | 'waiting' | 'failed' | 'unknown'; part: number; recordId: string | null; }
/** What became of one when the whole failed: of what was on its way then nobody knows. */
export function ended(u: Upload, code: string): Upload {
  if (u.stage === 'confirmed') return u;
  return { ...u, stage: code === 'E_UNKNOWN' && u.stage === 'confirming' ? 'unknown' : 'failed' };
}
/** Batches before the one that failed, or was cancelled, are added. */
export function faultOfAdding(e: unknown, confirmed: number): Fault {
  const f = faultOf(e);
  return confirmed > 0 && codeOf(e) !== 'E_UNKNOWN' ? { ...f, next: $localize`What is marked as confirmed was added and stays; the rest was not.` } : f;
}
const RENEW_MAX = 200; // more than these, and the chart is read anew

@Injectable({ providedIn: 'root' })
export class Adding {
  private readonly chart = inject(Chart);
  private readonly person = inject(Person);
  /** Where it goes to: what is listed here is shown in that folder only. */
  readonly folder = signal<Folder | null>(null);
  readonly isHere = computed(() => this.folder()?.folderId === this.chart.folder()?.folderId);
  readonly uploads = signal<Upload[]>([]);
  /** Entries and files that could not be read; kept until the list is cleared. */
  readonly unreadable = signal<AddPlan['unreadable']>([]);
  readonly running = signal(false);
  readonly fault = signal<Fault | null>(null);
  readonly confirmed = computed(() => this.uploads().filter((u) => u.stage === 'confirmed').length);
  readonly failed = computed(() => this.uploads().filter((u) => u.stage === 'failed').length);
  private stop = new AbortController();

  constructor() {
    this.person.onWipe(() => this.clear());
  }
  clear(): void {
    this.stop.abort();
    this.stop = new AbortController(); // what is still on its way tells nobody any more
    this.folder.set(null);
    this.uploads.set([]);
    this.unreadable.set([]);
    this.fault.set(null);
  }
  /** Nothing that is stored already is taken back. */
  cancel(): void {
    this.stop.abort();
  }
  /** Whether all of it is in the folder. */
  async add(folder: Folder, items: AddItem[], unreadable: AddPlan['unreadable']): Promise<boolean> {
    if (this.running()) return false;
    const stop = (this.stop = new AbortController());
    this.fault.set(null);
    this.folder.set(folder);
    this.unreadable.set(unreadable);
    this.running.set(true);
    this.uploads.set(items.map((i) => ({ title: i.title, size: i.size, stage: 'waiting', part: 0, recordId: null })));
    const tell = (change: (u: Upload, i: number) => Upload): void => {
      if (stop === this.stop) this.uploads.update((all) => all.map(change));
    };
    try {
      const added = await this.person.writing(() =>
        this.person.need().add(folder.folderId, items, {
          signal: stop.signal,
          onProgress: (p) => {
            if (p.item !== undefined) tell((u, i) => (i === p.item ? { ...u, stage: p.stage, part: p.total ? (p.done ?? 0) / p.total : 0 } : u));
            else if (p.stage === 'confirming' || p.stage === 'confirmed') tell((u) => ({ ...u, stage: p.stage }));
          },
        }),
      );
      if (stop !== this.stop) return false;
      tell((u, i) => ({ ...u, stage: 'confirmed', recordId: added[i]?.recordId ?? null }));
      this.person.say($localize`${added.length}:count: confirmed`);
      await this.show(folder.folderId, added);
      return true;
    } catch (e) {
      if (stop !== this.stop) return false;
      tell((u) => ended(u, codeOf(e)));
      this.fault.set(faultOfAdding(e, this.confirmed()));
      const isAll = this.confirmed() === items.length;
      // Whether they are there is to be seen in the chart.
      if (this.confirmed() > 0 && this.isHere()) await this.chart.reload();
      return isAll;
    } finally {
      this.running.set(false);
    }
  }
  /** In the chart, as long as it is this folder's: the reader may be in another one by now. */
  private async show(folderId: Hash, added: Added[]): Promise<void> {
    if (added.length > RENEW_MAX) {
      if (this.isHere()) await this.chart.reload();
      return;
    }
    for (const a of added) if ((await this.chart.renew(folderId, a.recordId)) === 'elsewhere') return;
  }
}
