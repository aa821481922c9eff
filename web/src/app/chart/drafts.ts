// SPDX-License-Identifier: Apache-2.0
// Notes that are being written, by folder: they are there until they are added, whatever the reader looks at meanwhile.
import { Injectable, inject } from '@angular/core';
import { Person } from '../state/person';

export interface Draft { title: string; text: string; }

@Injectable({ providedIn: 'root' })
export class Drafts {
  private readonly by = new Map<string, Draft>();

  constructor() {
    inject(Person).onWipe(() => this.by.clear());
  }
  of(folderId: string): Draft {
    return this.by.get(folderId) ?? { title: '', text: '' };
  }
  put(folderId: string, d: Draft): void {
    this.by.set(folderId, d);
  }
  /** It could not be added: before what was written since. */
  giveBack(folderId: string, d: Draft): void {
    const since = this.of(folderId);
    this.put(folderId, { title: since.title || d.title, text: [d.text, since.text].filter(Boolean).join('\n\n') });
  }
}
