// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import '@angular/localize/init';
import { Injector, runInInjectionContext, signal } from '@angular/core';
import { describe, expect, it, vi } from 'vitest';
import { Chart } from '../state/chart';
import type { Added, AddItem, Folder } from '../state/core';
import { Person } from '../state/person';
import { Adding, ended, faultOfAdding, type Upload } from './adding';

vi.stubGlobal('localStorage', { getItem: () => 'en' });
const at = (stage: Upload['stage']): Upload => ({ title: 'Letter', size: 1, stage, part: 0, recordId: null });
const error = (code: string): Error => Object.assign(new Error(code), { code });

describe('what was to be added, when it fails', () => {
  it('is not called missing where no answer came', () => {
    expect((['confirmed', 'confirming', 'waiting'] as const).map((s) => ended(at(s), 'E_UNKNOWN').stage)).toEqual(['confirmed', 'unknown', 'failed']);
    expect(faultOfAdding(error('E_UNKNOWN'), 0).next).toContain('Look whether it is');
  });
  it('is not added where it was refused', () => expect(ended(at('confirming'), 'E_REVERTED').stage).toBe('failed'));
  it.each(['E_CANCELLED', 'E_AWAY'])('is said to be there as far as it was confirmed: %s', (code) => {
    expect(faultOfAdding(error(code), 100).next).toContain('was added and stays');
    expect(faultOfAdding(error(code), 0).next).toContain('Nothing was');
  });
});

const folder = { folderId: '0xaa' } as Folder;
const note = { title: 'Note', size: 9 } as AddItem;
function world(add: () => Promise<Added[]>, renew: () => Promise<string> = () => Promise.resolve('there')): Adding {
  const person = { need: () => ({ add }), onWipe: () => undefined, writing: (work: () => Promise<unknown>) => work(), say: () => undefined };
  const chart = { folder: signal(folder), renew, reload: () => Promise.resolve() };
  const injector = Injector.create({ providers: [{ provide: Person, useValue: person }, { provide: Chart, useValue: chart }] });
  return runInInjectionContext(injector, () => new Adding());
}
const added = [{ recordId: '0x1' }] as unknown as Added[];

describe('whether it is added', () => {
  it('is told to be there once all of it is', async () => {
    expect(await world(() => Promise.resolve(added)).add(folder, [note], [])).toBe(true);
  });
  it('is not told to be there when it failed, so that what was written can stay', async () => {
    expect(await world(() => Promise.reject(new Error('away'))).add(folder, [note], [])).toBe(false);
  });
  it('is there though the chart could not show it', async () => {
    expect(await world(() => Promise.resolve(added), () => Promise.reject(new Error('away'))).add(folder, [note], [])).toBe(true);
  });
  it('is not told to be there by what was cleared meanwhile', async () => {
    const adding = world(() => (adding.clear(), Promise.reject(new Error('stopped'))));
    expect(await adding.add(folder, [note], [])).toBe(false);
  });
});
