// SPDX-License-Identifier: Apache-2.0
import { effect, inject, untracked } from '@angular/core';
import { Person } from '../state/person';

/** Does this whenever the node can be reached again, as long as the component lives. For its constructor. */
export function whenBack(work: () => void): void {
  const person = inject(Person);
  let wasAway = false;
  effect(() => {
    const isAway = person.nodeState() !== 'online';
    if (wasAway && !isAway) untracked(work);
    wasAway = isAway;
  });
}
