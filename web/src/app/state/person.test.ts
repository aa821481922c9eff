// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import '@angular/localize/init';
import { Injector, runInInjectionContext } from '@angular/core';
import { Router } from '@angular/router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Confirm } from '../ui/confirm';
import type { AccountFacts, Identity, Session, WalletSigner } from './core';
import { LOCK_AFTER_MS, Person } from './person';

const { openSession } = vi.hoisted(() => ({ openSession: vi.fn() }));
vi.mock('./core', () => ({
  core: () => Promise.resolve({ openSession, connect: () => Promise.resolve({ state: 'online', onState: () => undefined }) }),
}));

/** The tabs of one browser. */
const tabs = new Set<Channel>();
class Channel {
  onmessage: ((e: { data: unknown }) => void) | null = null;
  constructor() {
    tabs.add(this);
  }
  postMessage(data: unknown): void {
    for (const t of tabs) if (t !== this) t.onmessage?.({ data });
  }
}
class Tab {
  readonly heard = new Map<string, () => void>();
  readonly went: string[] = [];
  readonly router = { url: '/summary', navigateByUrl: (to: string) => Promise.resolve(void this.went.push(to)) };
  readonly wiped = vi.fn();
  readonly person: Person;
  constructor() {
    vi.stubGlobal('addEventListener', (type: string, f: () => void) => this.heard.set(type, f));
    const injector = Injector.create({ providers: [{ provide: Router, useValue: this.router }, { provide: Confirm, useClass: Confirm }] });
    this.person = runInInjectionContext(injector, () => new Person());
    this.person.onWipe(this.wiped);
  }
  hand(type = 'keydown'): void {
    this.heard.get(type)?.();
  }
  get isOpen(): boolean {
    return this.person.session() !== null;
  }
}
function identity(): Identity & { lock: ReturnType<typeof vi.fn> } {
  return { kind: 'identity', accountKind: 'page', isLocked: false, lock: vi.fn() } as unknown as Identity & { lock: ReturnType<typeof vi.fn> };
}
const patient = { role: 'patient', status: 'active', isRegistrar: false, keyCardHash: null } as AccountFacts;
/** A session that locks as the core's does. */
function session(account: string, facts: () => Promise<AccountFacts> = () => Promise.resolve(patient)): Session & { lock: ReturnType<typeof vi.fn> } {
  const listeners: (() => void)[] = [];
  const lock = vi.fn(() => listeners.splice(0).forEach((f) => f()));
  return { account, facts, lock, onLock: (f: () => void) => void listeners.push(f) } as unknown as Session & { lock: ReturnType<typeof vi.fn> };
}
async function enter(tab: Tab, account = '0xa', s = session(account), signer?: WalletSigner): Promise<typeof s> {
  openSession.mockResolvedValueOnce(s);
  await tab.person.enter(identity(), null, signer);
  return s;
}

beforeEach(() => {
  tabs.clear();
  openSession.mockReset();
  vi.useFakeTimers();
  vi.stubGlobal('localStorage', { getItem: () => null });
  vi.stubGlobal('location', { origin: 'http://node' });
  vi.stubGlobal('BroadcastChannel', Channel);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('somebody who signs in over an open session', () => {
  it('finds nothing of who was there before', async () => {
    const tab = new Tab();
    const first = await enter(tab, '0xa');
    openSession.mockImplementationOnce(() => {
      expect(first.lock).toHaveBeenCalledOnce();
      expect(tab.wiped).toHaveBeenCalledOnce();
      return Promise.resolve(session('0xb'));
    });
    await tab.person.enter(identity(), null);
    expect(tab.person.session()?.account).toBe('0xb');
  });
  it('does not come to the place where another was', async () => {
    const tab = new Tab();
    await enter(tab, '0xa');
    tab.router.url = '/record/0x12';
    tab.person.lock();
    await enter(tab, '0xb');
    await tab.person.goHome();
    expect(tab.went.at(-1)).toBe('/summary');
  });
  it('comes to the own one, and to one that a link named', async () => {
    const tab = new Tab();
    await enter(tab, '0xa');
    tab.router.url = '/record/0x12';
    tab.person.lock();
    await enter(tab, '0xa');
    await tab.person.goHome();
    expect(tab.went.at(-1)).toBe('/record/0x12');
    tab.person.lock();
    tab.person.rememberPlace('/sharing');
    await enter(tab, '0xb');
    await tab.person.goHome();
    expect(tab.went.at(-1)).toBe('/sharing');
  });
});

it('locks a session that fails after it was opened', async () => {
  const tab = new Tab();
  const s = session('0xa', () => Promise.reject(new Error('away')));
  await expect(enter(tab, '0xa', s)).rejects.toThrow('away');
  expect(s.lock).toHaveBeenCalledOnce();
  expect(tab.isOpen).toBe(false);
});
it('hears nothing any more of the wallet of who was there before', async () => {
  const tab = new Tab();
  const watching = new Set<() => void>();
  const wallet = { wallet: {}, onChange: (f: () => void) => (watching.add(f), () => void watching.delete(f)) } as unknown as WalletSigner;
  await enter(tab, '0xa', session('0xa'), wallet);
  expect(watching.size).toBe(1);
  tab.person.lock();
  expect(watching.size).toBe(0);
});

describe('a page that is left alone', () => {
  it('locks', async () => {
    const tab = new Tab();
    await enter(tab);
    vi.advanceTimersByTime(LOCK_AFTER_MS - 1000);
    expect(tab.isOpen).toBe(true);
    vi.advanceTimersByTime(10_000);
    expect(tab.isOpen).toBe(false);
  });
  it.each(['keydown', 'touchstart', 'visibilitychange'])('is not taken up again by %s after the device slept', async (type) => {
    const tab = new Tab();
    await enter(tab);
    vi.setSystemTime(Date.now() + 2 * LOCK_AFTER_MS); // no timer ran
    tab.hand(type);
    expect(tab.isOpen).toBe(false);
  });
  it('stays open while another tab of it is used', async () => {
    const [used, idle] = [new Tab(), new Tab()];
    await enter(used);
    await enter(idle);
    for (let i = 0; i < 40; i++) {
      vi.advanceTimersByTime(LOCK_AFTER_MS / 10);
      used.hand();
    }
    expect([used.isOpen, idle.isOpen]).toEqual([true, true]);
    vi.advanceTimersByTime(LOCK_AFTER_MS + 10_000);
    expect([used.isOpen, idle.isOpen]).toEqual([false, false]);
  });
  it('locks no tab that is writing, nor itself while one is', async () => {
    const [writing, idle] = [new Tab(), new Tab()];
    await enter(writing);
    await enter(idle);
    writing.person.busy.set(1);
    vi.advanceTimersByTime(2 * LOCK_AFTER_MS);
    expect([writing.isOpen, idle.isOpen]).toEqual([true, true]);
  });
  it('is not kept open by a tab where nobody is signed in', async () => {
    const [open, other] = [new Tab(), new Tab()];
    await enter(open);
    for (let i = 0; i < 15; i++) {
      vi.advanceTimersByTime(LOCK_AFTER_MS / 10);
      other.hand();
    }
    expect(open.isOpen).toBe(false);
  });
  it('is locked in every tab when the person locks one', async () => {
    const [one, other] = [new Tab(), new Tab()];
    await enter(one);
    await enter(other);
    one.person.lock();
    expect(other.isOpen).toBe(false);
  });
});
