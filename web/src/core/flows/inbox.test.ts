// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { ageSeal } from '../age/file.js';
import { AgeIdentity } from '../age/keys.js';
import { utf8 } from '../codec/bytes.js';
import { KeySigner } from '../crypto/secp.js';
import { type GrantNote, grantNoteObject, grantNoteTyped } from '../formats/signed.js';
import { type OwnerState, stateEmpty } from '../formats/state.js';
import { type Hash, VIEW } from '../types.js';
import type { Context } from './context.js';
import { scan } from './inbox.js';

const NOW = 1_800_000_000;
const DAY = 86400;
const hash = (n: number): Hash => `0x${String(n).padStart(64, '0')}`;
const me = new KeySigner(new Uint8Array(32).fill(7));
const owner = new KeySigner(new Uint8Array(32).fill(8));
const net = { chainId: 1n, proxy: me.address, node: '' };
let age: AgeIdentity;
beforeAll(async () => {
  age = await AgeIdentity.generate();
});

/** As the owner signs and seals it. */
async function noteOf(issued: number): Promise<Uint8Array> {
  const n = {
    folderId: hash(1), owner: owner.address, holder: me.address, account: me.address, ownerAccount: owner.address, ownerCardHash: hash(2),
    ownerName: 'Amara', folderName: 'General', permissions: VIEW, notBefore: 1, notAfter: NOW + DAY, issued,
  };
  const signature = owner.signNow(grantNoteTyped(net, n));
  const signed: GrantNote = { ...n, ownerSignature: signature, certSignature: signature };
  return ageSeal(utf8(JSON.stringify(grantNoteObject(signed))), age.recipient);
}
/** An account without a wallet, whose inbox holds one note. */
function world(note: Uint8Array, s: OwnerState): Context {
  return {
    account: me.address, net, now: () => NOW, age: () => Promise.resolve(age), accountSigner: () => Promise.resolve(me), actorOfNote: () => me,
    certify: () => Promise.resolve(), state: () => Promise.resolve(s), changeState: (f: (x: OwnerState) => void) => Promise.resolve(f(s)),
    cardOf: () => Promise.resolve({ hash: hash(2), name: 'Amara', certKey: owner.address }),
    node: {
      folder: () => Promise.resolve({ owner: owner.address, epoch: 1 }), grant: () => Promise.resolve({ status: 1 }),
      http: {
        members: () => Promise.resolve({ objects: () => [{ hash: () => hash(3) }] }), bytes: () => Promise.resolve(note), send: () => Promise.resolve(),
      },
    },
  } as unknown as Context;
}

describe('the time of a grant note', () => {
  it.each([[NOW, 1], [NOW + DAY, 1], [NOW + DAY + 1, 0], [2 ** 53 - 1, 0]])('%i is believed: %i', async (issued, accepted) => {
    const s = stateEmpty();
    const r = await scan(world(await noteOf(issued), s));
    expect([r.accepted.length, r.thrownAway, s.shared.length]).toEqual([accepted, 1 - accepted, accepted]);
  });
});

it('an inbox tells of what the owner state had and could not be read', async () => {
  expect((await scan(world(await noteOf(NOW), { ...stateEmpty(), unread: 2 }))).unread).toBe(2);
});
