// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import { Injector, runInInjectionContext } from '@angular/core';
import { describe, expect, it } from 'vitest';
import { Person } from '../state/person';
import { Drafts } from './drafts';

let wipe: () => void;
function drafts(): Drafts {
  const person = { onWipe: (w: () => void) => (wipe = w) };
  return runInInjectionContext(Injector.create({ providers: [{ provide: Person, useValue: person }] }), () => new Drafts());
}
const note = { title: 'Visit', text: 'Walks again.' };

describe('a note that is being written', () => {
  it('belongs to its folder', () => {
    const d = drafts();
    d.put('a', note);
    expect([d.of('a'), d.of('b')]).toEqual([note, { title: '', text: '' }]);
  });
  it('is there again when it could not be added, before what was written since', () => {
    const d = drafts();
    d.giveBack('a', note);
    expect(d.of('a')).toEqual(note);
    d.put('a', { title: 'Next', text: 'Runs.' });
    d.giveBack('a', note);
    expect(d.of('a')).toEqual({ title: 'Next', text: 'Walks again.\n\nRuns.' });
  });
  it('does not outlive the session', () => {
    const d = drafts();
    d.put('a', note);
    wipe();
    expect(d.of('a').text).toBe('');
  });
});
