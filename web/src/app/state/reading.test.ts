// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { beforeEach, describe, expect, it } from 'vitest';
import { Reading } from './reading';

let r: Reading;
let shown: string[];
beforeEach(() => {
  r = new Reading();
  shown = [];
});
const gives = (what: string) => () => Promise.resolve(() => void shown.push(what));
const fails = (code: string) => () => Promise.reject(Object.assign(new Error('no'), { code }));

describe('what a page reads', () => {
  it('is waited for, then there', async () => {
    expect([r.isWaiting(), r.isRead()]).toEqual([true, false]);
    await r.run(gives('a'));
    expect([r.isWaiting(), r.isRead(), shown]).toEqual([false, true, ['a']]);
  });
  it('is not there when the reading failed, nor waited for', async () => {
    await r.run(fails('E_AWAY'));
    expect([r.isWaiting(), r.isRead(), r.fault()?.detail]).toEqual([false, false, 'E_AWAY: no']);
  });
  it('is not there any more when it was read once and then not', async () => {
    await r.run(gives('a'));
    await r.run(fails('E_AWAY'));
    expect(r.isRead()).toBe(false);
    await r.run(gives('b'));
    expect([r.isRead(), r.fault()]).toEqual([true, null]);
  });
  it('is of the reading that was begun last, in whatever order they end', async () => {
    let open!: (show: () => void) => void;
    const slow = r.run(() => new Promise((go) => (open = go)));
    await r.run(gives('new'));
    open(() => void shown.push('old'));
    await slow;
    expect(shown).toEqual(['new']);
  });
  it('is there though an older reading fails afterwards', async () => {
    let fail!: (e: unknown) => void;
    const slow = r.run(() => new Promise((_, no) => (fail = no)));
    await r.run(gives('new'));
    fail(new Error('late'));
    await slow;
    expect([r.isRead(), r.fault()]).toEqual([true, null]);
  });
});
