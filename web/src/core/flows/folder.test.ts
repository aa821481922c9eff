// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { AgeIdentity } from '../age/keys.js';
import { KeySigner } from '../crypto/secp.js';
import type { StateGrant } from '../formats/state.js';
import { ADD, type Address, CoreError, type Hash, VIEW } from '../types.js';
import type { Context } from './context.js';
import { foldersOf, rewrap } from './folder.js';

const FOLDER: Hash = `0x${'f0'.repeat(32)}`;
const NOW = 1_800_000_000;
const hash: Hash = `0x${'01'.repeat(32)}`;
const holder = (n: number): Address => `0x${String(n).repeat(40)}`;
let theirs: AgeIdentity, key: AgeIdentity;
beforeAll(async () => {
  [theirs, key] = [await AgeIdentity.generate(), await AgeIdentity.generate()];
});

/** For whom wraps are put, when the chain shows every grant as active with VIEW; the owner's own is left out. */
async function wrapped(grants: Partial<StateGrant>[], row: object = {}): Promise<Address[]> {
  const me = new KeySigner(new Uint8Array(32).fill(7));
  const puts: string[] = [];
  const entries = grants.map((g, i) => ({
    holder: holder(i + 1), account: holder(i + 1), name: 'X', cardHash: hash, recipient: theirs.recipient, permissions: VIEW, notBefore: 1, notAfter: NOW + 9, issued: 1, ended: 0, ...g,
  }));
  const f = { folderId: FOLDER, name: 'f', salt: hash, owner: me.address, epochs: [{ epoch: 1, identity: key, keyHash: hash }], grants: entries };
  const c = {
    account: me.address, net: { chainId: 1n, proxy: me.address }, now: () => NOW, state: () => Promise.resolve({ folders: [f] }), forgetState: () => undefined, actorOfFolder: () => me,
    cardOf: () => Promise.resolve({ hash, ageRecipient: theirs.recipient }),
    node: {
      folder: () => Promise.resolve({ epoch: 1, owner: me.address, keyHash: hash }),
      grant: () => Promise.resolve({ status: 1, permissions: VIEW, notBefore: 1, notAfter: NOW + 9, generation: 1, ...row }),
      http: { none: (a: { target: string }) => Promise.resolve(void puts.push(a.target.split('/').at(-1)!)) },
    },
  } as unknown as Context;
  const kept = await rewrap(c, FOLDER);
  const others = puts.filter((x) => x !== me.address) as Address[];
  expect(kept).toBe(others.length);
  return others;
}

describe('the new key of a folder', () => {
  it('goes to whom owner and chain let view', async () => {
    expect(await wrapped([{}, {}])).toEqual([holder(1), holder(2)]);
  });
  it.each([
    ['was ended', { ended: NOW - 1 }],
    ['may only add now', { permissions: ADD }],
    ['is over', { notAfter: NOW }],
  ])('goes to nobody whose grant %s by the owner, though the chain shows it as of before', async (_n, g) => {
    expect(await wrapped([g, {}])).toEqual([holder(2)]);
  });
  it.each([
    ['was revoked', { status: 2 }],
    ['may only add', { permissions: ADD }],
    ['is over', { notAfter: NOW }],
  ])('goes to nobody whose grant %s by the chain', async (_n, row) => {
    expect(await wrapped([{}], row)).toEqual([]);
  });
});

describe('the folders of an account', () => {
  const own: Hash = `0x${'0a'.repeat(32)}`;
  const shared: Hash = `0x${'0b'.repeat(32)}`;
  /** Of an own and a shared folder, at a node that answers like this for one of them. */
  async function named(bad: Hash, why: CoreError): Promise<string[]> {
    const s = {
      folders: [{ folderId: own, name: 'own', owner: holder(1) }],
      shared: [{ folderId: shared, folderName: 'shared', owner: holder(2), holder: holder(3) }],
    };
    const c = {
      account: holder(1), now: () => NOW, state: () => Promise.resolve(s), cardOf: () => Promise.resolve({ name: 'Me' }),
      node: {
        info: { head: { timestamp: NOW } },
        folder: (id: Hash) => (id === bad ? Promise.reject(why) : Promise.resolve({ owner: id === own ? holder(1) : holder(2), epoch: 1 })),
        grant: () => Promise.resolve({ status: 1, permissions: VIEW, notBefore: 1, notAfter: NOW + 9 }),
      },
    } as unknown as Context;
    return (await foldersOf(c)).map((f) => f.name);
  }
  it.each([own, shared])('do not have what the chain is proved not to have: %s', async (bad) => {
    expect(await named(bad, new CoreError('E_NOT_FOUND', 'the chain has no such folder'))).toEqual([bad === own ? 'shared' : 'own']);
  });
  it.each([own, shared].flatMap((bad) => ['E_AWAY', 'E_HEAD_OLDER', 'E_AUTHORITY', 'E_MISMATCH', 'E_STALE'].map((code) => [bad, code] as const)))(
    'are not fewer because one cannot be read: %s, %s', async (bad, code) => {
      await expect(named(bad, new CoreError(code, code))).rejects.toThrow(code);
    });
  it('are not fewer because the node says that there is nothing', async () => {
    await expect(named(own, new CoreError('E_NOT_FOUND', 'no such page', { status: 404 }))).rejects.toThrow('no such page');
  });
});
