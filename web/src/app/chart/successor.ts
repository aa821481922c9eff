// SPDX-License-Identifier: Apache-2.0
import type { AddItem, Meta } from '../state/core';

/** What takes the place of a record: of that title, and of the date and kind of before where the new file says nothing of them. */
export function successor(was: Meta, next: AddItem): AddItem {
  const category = next.category === 'other' && was.category ? was.category : next.category;
  return { ...next, title: was.title, category, creation: next.creation || was.creation };
}
