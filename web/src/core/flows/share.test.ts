// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { AgeIdentity } from '../age/keys.js';
import { KeySigner } from '../crypto/secp.js';
import { stateEmpty, type OwnerState, type StateGrant } from '../formats/state.js';
import { type Address, CoreError, type Hash, VIEW } from '../types.js';
import type { Context } from './context.js';
import { cardPinned } from './pins.js';
import { grant } from './share.js';

const FOLDER: Hash = `0x${'f0'.repeat(32)}`;
const NOW = 1_800_000_000;
const rivera: Address = `0x${'11'.repeat(20)}`;
const hash = (n: number): Hash => `0x${String(n).padStart(64, '0')}`;
const card = (n: number) => ({ account: rivera, hash: hash(n), name: 'Dr. Rivera', ageRecipient: recipients[n] });
const refused = new CoreError('E_REFUSED', 'the wallet: no');
const recipients: string[] = [];
beforeAll(async () => {
  for (let i = 0; i < 3; i++) recipients.push((await AgeIdentity.generate()).recipient);
});

interface World {
  c: Context;
  s: OwnerState;
  /** What was done, in order: "ask", "state", "call", requests by method and last part of their target. */
  done: string[];
  /** Of the grant on the chain. */
  row: { status: number; permissions: number; notBefore: number; notAfter: number; generation: number };
  says: boolean;
  wallet: CoreError | null;
  now: number;
}
/** A folder of an account with a wallet; its state is changed as the real one is: on a copy that is given up when the change throws. */
function world(n: number, before: StateGrant[] = []): World {
  const me = new KeySigner(new Uint8Array(32).fill(7));
  const s: OwnerState = { ...stateEmpty(), folders: [{ folderId: FOLDER, name: 'General', salt: hash(0), owner: me.address, epochs: [], grants: before }] };
  const w: World = { c: {} as Context, s, done: [], row: { status: 0, permissions: 0, notBefore: 0, notAfter: 0, generation: 0 }, says: true, wallet: null, now: NOW };
  const http = (a: { method: string; target: string }) => Promise.resolve(void w.done.push(`${a.method} ${a.target.split('/').at(-2)}`));
  w.c = {
    account: me.address, net: { chainId: 1n, proxy: me.address, node: '' }, now: () => w.now, certify: () => Promise.resolve(),
    cardOf: () => Promise.resolve(card(n)), actorOfFolder: () => me, state: () => Promise.resolve(s),
    certKey: () => me, accountSigner: () => Promise.resolve(me),
    changeState: (change: (x: OwnerState) => void) => {
      const copy = s.folders.map((f) => ({ ...f, grants: f.grants.map((g) => ({ ...g })) }));
      change({ ...s, folders: copy });
      s.folders = copy;
      w.done.push('state');
      return Promise.resolve(s);
    },
    ask: () => (w.done.push('ask'), w.says ? Promise.resolve() : Promise.reject(new CoreError('E_CANCELLED', 'not confirmed'))),
    sendAsked: () => {
      if (w.wallet) return Promise.reject(w.wallet);
      w.done.push('call');
      const g = s.folders[0]!.grants[0]!;
      w.row = { status: 1, permissions: g.permissions, notBefore: g.notBefore, notAfter: g.notAfter, generation: 1 };
      return Promise.resolve({ tx: hash(1), block: 1, gasUsed: 1 });
    },
    node: { grant: () => Promise.resolve(w.row), folder: () => Promise.resolve({ epoch: 1 }), http: { none: http, send: http } },
  } as unknown as Context;
  return w;
}
const given = (n: number, ended = 0): StateGrant => ({
  holder: rivera, account: rivera, name: 'Dr. Rivera', cardHash: hash(n), recipient: recipients[n]!, permissions: VIEW, notBefore: 1, notAfter: NOW + 9, issued: 1, ended,
});
const share = (w: World, compared?: Hash): Promise<string> =>
  grant(w.c, FOLDER, { account: rivera, permissions: VIEW, ...(compared ? { comparedCard: compared } : {}) }, {}).then(() => 'shared', (e: unknown) => (e instanceof CoreError ? e.code : String(e)));

describe('a share that is declined', () => {
  it('in the dialog writes nothing: no pin, no wrap', async () => {
    const w = world(1);
    w.says = false;
    expect(await share(w)).toBe('E_CANCELLED');
    expect(w.done).toEqual(['ask']);
    expect(cardPinned(w.s, rivera)).toBeNull();
  });
  it('leaves a changed card unknown, though it was said to be compared', async () => {
    const w = world(2, [given(1, 5)]);
    w.says = false;
    expect(await share(w, hash(2))).toBe('E_CANCELLED');
    expect(cardPinned(w.s, rivera)).toBe(hash(1));
    w.says = true;
    expect(await share(w)).toBe('E_CARD_CHANGED');
    expect(w.done).toEqual(['ask']); // nobody is asked about a card that is refused anyway
  });
  it('in the wallet pins nothing and leaves no wrap', async () => {
    for (const code of ['E_REFUSED', 'E_WALLET', 'E_CANCELLED']) {
      const w = world(1);
      w.wallet = new CoreError(code, 'no');
      expect(await share(w)).toBe(code);
      expect(cardPinned(w.s, rivera)).toBeNull();
      expect(w.done).toEqual(['ask', 'state', 'PUT wraps', 'state', 'DELETE wraps']);
    }
  });
  it('in the wallet leaves the grant of before, and its reader the wrap', async () => {
    const w = world(1, [given(1)]);
    w.row = { status: 1, permissions: VIEW, notBefore: 1, notAfter: NOW + 9, generation: 1 };
    w.wallet = refused;
    expect(await share(w)).toBe('E_REFUSED');
    expect(w.s.folders[0]!.grants).toEqual([given(1)]);
    expect(w.done).toEqual(['ask', 'state', 'PUT wraps', 'state']);
  });
  it('in the wallet, of a changed card, locks the wrap for the card of before again', async () => {
    const w = world(2, [given(1)]);
    w.row = { status: 1, permissions: VIEW, notBefore: 1, notAfter: NOW + 9, generation: 1 };
    w.wallet = refused;
    expect(await share(w, hash(2))).toBe('E_REFUSED');
    expect(cardPinned(w.s, rivera)).toBe(hash(1));
    expect(w.done).toEqual(['ask', 'state', 'PUT wraps', 'state', 'PUT wraps']);
  });
});

describe('a share', () => {
  it('is kept before the chain is told, and pins the card', async () => {
    const w = world(1);
    expect(await share(w)).toBe('shared');
    expect(w.done).toEqual(['ask', 'state', 'PUT wraps', 'call', 'POST inbox']);
    expect(cardPinned(w.s, rivera)).toBe(hash(1));
  });
  it('whose end is not known stays in the state: it may be on the chain', async () => {
    const w = world(1);
    w.wallet = new CoreError('E_AWAY', 'no answer');
    expect(await share(w)).toBe('E_AWAY');
    expect(cardPinned(w.s, rivera)).toBe(hash(1));
  });
  it('is not made beside one that another device made while the person was asked', async () => {
    const w = world(1);
    const ask = w.c.ask.bind(w.c);
    w.c.ask = async (...a) => {
      await ask(...a);
      w.s.folders[0]!.grants.push({ ...given(1), holder: `0x${'22'.repeat(20)}` });
    };
    expect(await share(w)).toBe('E_CONFLICT');
    expect(w.done).toEqual(['ask']);
  });
});
