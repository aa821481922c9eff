// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { AgeIdentity } from '../age/keys.js';
import { KeySigner } from '../crypto/secp.js';
import { decodeCall, type GrantRow } from '../chain/registry.js';
import { stateEmpty, type OwnerState, type StateEpoch, type StateGrant } from '../formats/state.js';
import { ADD, type Address, CoreError, type Hash, VIEW } from '../types.js';
import type { Context } from './context.js';
import { cardPinned } from './pins.js';
import { grant } from './share.js';

const FOLDER: Hash = `0x${'f0'.repeat(32)}`;
const NOW = 1_800_000_000;
const rivera: Address = `0x${'11'.repeat(20)}`;
const hash = (n: number): Hash => `0x${String(n).padStart(64, '0')}`;
const POINT = '0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'; // secp256k1's generator
const card = (n: number) => ({ account: rivera, hash: hash(n), name: 'Dr. Rivera', ageRecipient: recipients[n], spend: POINT, view: POINT });
const refused = new CoreError('E_REFUSED', 'the wallet: no');
const recipients: string[] = [];
const epochs: StateEpoch[] = [];
beforeAll(async () => {
  for (let epoch = 1; epoch <= 2; epoch++) epochs.push({ epoch, identity: await AgeIdentity.generate(), keyHash: hash(epoch) });
  for (let i = 0; i < 3; i++) recipients.push((await AgeIdentity.generate()).recipient);
});

interface World {
  c: Context;
  s: OwnerState;
  /** What was done, in order: "ask", "state", "call", requests by method and last part of their target. */
  done: string[];
  /** Grants on the chain, by holder. */
  rows: Map<string, GrantRow>;
  epoch: number;
  /** What another device does before the call is mined. */
  meanwhile: () => void;
  says: boolean;
  wallet: CoreError | null;
  now: number;
}
const NONE: GrantRow = { status: 0, permissions: 0, notBefore: 0, notAfter: 0, generation: 0 };
const active = (permissions = VIEW): GrantRow => ({ status: 1, permissions, notBefore: 1, notAfter: NOW + 9, generation: 1 });
/** As the contract does it. */
function mine(w: World, data: Uint8Array): void {
  for (const x of decodeCall(data, rivera)!) {
    const arg = (name: string) => x.args.find((a) => a.name === name)!.value;
    if (x.function === 'rotateFolder') w.epoch++;
    if (x.function !== 'grant' && x.function !== 'revoke') continue;
    const row = w.rows.get(arg('holder')) ?? NONE;
    if (x.function === 'revoke') w.rows.set(arg('holder'), { ...row, status: 2, generation: row.generation + 1 });
    else w.rows.set(arg('holder'), {
      status: 1, permissions: Number(arg('permissions')), notBefore: Number(arg('notBefore')), notAfter: Number(arg('notAfter')), generation: row.generation,
    });
  }
}
/** A folder of an account with a wallet; its state is changed as the real one is: on a copy that is given up when the change throws. */
function world(n: number, before: StateGrant[] = []): World {
  const me = new KeySigner(new Uint8Array(32).fill(7));
  const s: OwnerState = { ...stateEmpty(), folders: [{ folderId: FOLDER, name: 'General', salt: hash(0), owner: me.address, epochs: [epochs[0]!], grants: before }] };
  const w: World = { c: {} as Context, s, done: [], rows: new Map(), epoch: 1, meanwhile: () => undefined, says: true, wallet: null, now: NOW };
  const http = (a: { method: string; target: string }) => Promise.resolve(void w.done.push(`${a.method} ${a.target.split('/').at(-2)}`));
  const rowOf = (h: Address): GrantRow => w.rows.get(h) ?? NONE;
  w.c = {
    account: me.address, net: { chainId: 1n, proxy: me.address, node: '' }, now: () => w.now, certify: () => Promise.resolve(),
    cardOf: () => Promise.resolve(card(n)), actorOfFolder: () => me, state: () => Promise.resolve(s), forgetState: () => undefined,
    certKey: () => me, accountSigner: () => Promise.resolve(me),
    changeState: (change: (x: OwnerState) => void) => {
      const copy = s.folders.map((f) => ({ ...f, epochs: [...f.epochs], grants: f.grants.map((g) => ({ ...g })) }));
      change({ ...s, folders: copy });
      s.folders = copy;
      w.done.push('state');
      return Promise.resolve(s);
    },
    ask: () => (w.done.push('ask'), w.says ? Promise.resolve() : Promise.reject(new CoreError('E_CANCELLED', 'not confirmed'))),
    sendAsked: (_: unknown, calls: Uint8Array[]) => {
      if (w.wallet) return Promise.reject(w.wallet);
      w.meanwhile();
      w.done.push('call');
      for (const x of calls) mine(w, x);
      return Promise.resolve({ tx: hash(1), block: 1, gasUsed: 1 });
    },
    node: {
      grant: (_: Hash, h: Address) => Promise.resolve(rowOf(h)), grants: (_: Hash, hs: Address[]) => Promise.resolve(hs.map(rowOf)),
      folder: () => Promise.resolve({ epoch: w.epoch, keyHash: hash(w.epoch) }), http: { none: http, send: http },
    },
  } as unknown as Context;
  return w;
}
const given = (n: number, ended = 0): StateGrant => ({
  holder: rivera, account: rivera, name: 'Dr. Rivera', cardHash: hash(n), recipient: recipients[n]!, permissions: VIEW, notBefore: 1, notAfter: NOW + 9, issued: 1, ended,
});
const share = (w: World, compared?: Hash, permissions = VIEW): Promise<string> =>
  grant(w.c, FOLDER, { account: rivera, permissions, ...(compared ? { comparedCard: compared } : {}) }, {}).then(() => 'shared', (e: unknown) => (e instanceof CoreError ? e.code : String(e)));

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
    w.rows.set(rivera, active());
    w.wallet = refused;
    expect(await share(w)).toBe('E_REFUSED');
    expect(w.s.folders[0]!.grants).toEqual([given(1)]);
    expect(w.done).toEqual(['ask', 'state', 'PUT wraps', 'state']);
  });
  it('in the wallet, of a changed card, locks the wrap for the card of before again', async () => {
    const w = world(2, [given(1)]);
    w.rows.set(rivera, active());
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

describe('a change of what somebody has', () => {
  const holder = (n: number): Address => `0x${String(n).repeat(40)}`;
  /** A folder with an owner address of its own; the account has these holders in its state and on the chain. */
  const held = (...list: (GrantRow & { known?: false; ended?: number })[]): World => {
    const w = world(1, list.map((x, i) => ({
      ...given(1, x.ended ?? 0), holder: holder(i + 3), permissions: VIEW | ADD, ...(x.known === false ? {} : { ephemeral: POINT as Hash, viewTag: 1 }),
    })));
    w.s.folders[0]!.index = 0;
    list.forEach((x, i) => w.rows.set(holder(i + 3), x));
    return w;
  };
  const live = (w: World): [string, number][] => [...w.rows].filter(([, r]) => r.status === 1).map(([h, r]) => [h, r.permissions]);
  const goingOn = (w: World): Address[] => w.s.folders[0]!.grants.filter((g) => g.ended === 0).map((g) => g.holder);
  /** One holder has the narrower grant, and the state names no other. */
  const isNarrow = (w: World): void => {
    expect(live(w)).toEqual([[goingOn(w)[0], ADD]]);
    expect(goingOn(w)).toHaveLength(1);
    expect(w.epoch).toBe(2);
  };
  it('keeps the holder', async () => {
    const w = held(active(VIEW | ADD));
    expect(await share(w, undefined, ADD)).toBe('shared');
    isNarrow(w);
    expect(goingOn(w)).toEqual([holder(3)]);
  });
  it('ends a holder whose announcement was lost with the state', async () => {
    const w = held({ ...active(VIEW | ADD), known: false });
    expect(await share(w, undefined, ADD)).toBe('shared');
    isNarrow(w);
    expect(goingOn(w)).not.toContain(holder(3));
  });
  it('passes over one that the chain has ended and the state has not, each time', async () => {
    const w = held({ ...active(VIEW | ADD), status: 2 }, active(VIEW | ADD));
    for (const permissions of [VIEW, ADD]) expect(await share(w, undefined, permissions)).toBe('shared');
    isNarrow(w);
    expect(goingOn(w)).toEqual([holder(4)]);
  });
  it('ends what the chain still has though the state takes it for ended', async () => {
    const w = held({ ...active(VIEW | ADD), ended: 5 }, active(VIEW | ADD));
    expect(await share(w, undefined, ADD)).toBe('shared');
    isNarrow(w);
  });
  it('makes a new key when a second holder may have read by the old one', async () => {
    const w = held(active(), active());
    expect(await share(w)).toBe('shared');
    expect(live(w)).toEqual([[holder(3), VIEW]]);
    expect([w.epoch, goingOn(w)]).toEqual([2, [holder(3)]]);
  });
  it('is not the end of it when another holder came to the chain meanwhile', async () => {
    const w = held(active(), NONE);
    w.meanwhile = () => w.rows.set(holder(4), active());
    expect(await share(w)).toBe('E_CONFLICT');
    w.meanwhile = () => undefined;
    expect(await share(w)).toBe('shared');
    expect(live(w)).toEqual([[holder(3), VIEW]]);
  });
  it('stops where another device ended the grant meanwhile', async () => {
    const w = held(active());
    const ask = w.c.ask.bind(w.c);
    w.c.ask = async (...a) => {
      await ask(...a);
      w.s.folders[0]!.grants[0]!.ended = NOW;
    };
    expect(await share(w)).toBe('E_CONFLICT');
    expect(w.done).toEqual(['ask']);
  });
});

describe('a share while another device makes a new key', () => {
  const rotated = (w: World): void => {
    w.epoch = 2;
    w.s.folders[0]!.epochs.push(epochs[1]!);
  };
  it('gets that key, too', async () => {
    const w = world(1);
    w.meanwhile = () => rotated(w);
    expect(await share(w)).toBe('shared');
    expect(w.done).toEqual(['ask', 'state', 'PUT wraps', 'call', 'PUT wraps', 'POST inbox']);
  });
  it('asks for the state anew when it lacks the key', async () => {
    const w = world(1);
    w.epoch = 2;
    w.c.forgetState = () => rotated(w);
    expect(await share(w)).toBe('shared');
  });
  it('is refused as long as the key is nowhere: it would open nothing', async () => {
    const w = world(1);
    w.epoch = 2;
    expect(await share(w)).toBe('E_NO_KEY');
    expect(w.done).not.toContain('PUT wraps');
  });
});
