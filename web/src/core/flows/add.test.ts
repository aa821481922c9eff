// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AgeIdentity } from '../age/keys.js';
import { concat, fromHex } from '../codec/bytes.js';
import { commitmentOf, keyHashOf, ZERO_HASH } from '../codec/domain.js';
import { decodeCall } from '../chain/registry.js';
import { KeySigner } from '../crypto/secp.js';
import { folderKeyTyped } from '../formats/signed.js';
import { parseJson } from '../codec/json.js';
import { Members } from '../codec/text.js';
import { type AddItem, CoreError, type Hash, type Hex, type Progress, type Sent } from '../types.js';
import { add } from './add.js';
import type { Context } from './context.js';

const net = { chainId: 1n, proxy: `0x${'99'.repeat(20)}` as Hex };
const FOLDER: Hash = `0x${'f0'.repeat(32)}`;
const me = new KeySigner(new Uint8Array(32).fill(7));
const identity = await AgeIdentity.generate();
const keyHash = keyHashOf(net, FOLDER, 1, identity.recipient, ZERO_HASH);
const item = (title: string): AddItem =>
  ({ title, category: 'notes', creation: '', contentType: 'text/plain', fileName: '', data: new Blob([title]), size: title.length }) as unknown as AddItem;

/** A node whose relay mines what it is given when `mines` says so, and answers as it likes. */
function nodeWith(mines: (record: number) => boolean, answer: () => Promise<Sent>, sees: () => void = () => undefined): Context {
  const words: Uint8Array[] = [];
  const key = { folderId: FOLDER, epoch: 1, recipient: identity.recipient, prevKeyHash: ZERO_HASH };
  const keys = { keys: [{ ...key, signature: me.signNow(folderKeyTyped(net, key)) }] };
  const mine = (calls: Uint8Array[]): void => {
    for (const [i, x] of calls.flatMap((x) => decodeCall(x, net.proxy) ?? []).entries()) {
      const inner = x.args.find((y) => y.name === 'inner')!.value as Hash;
      const at = { folderId: FOLDER, recordId: x.args.find((y) => y.name === 'recordId')!.value as Hash, version: 1, epoch: 1, author: me.address };
      words.push(mines(i) ? concat(Uint8Array.of(0, 1, 0, 0, 0, 1), fromHex(commitmentOf(net, at, inner))) : new Uint8Array(32));
    }
  };
  return {
    account: me.address, net, now: () => 1_790_000_000, alive: () => undefined, certify: () => Promise.resolve(), actorOf: () => Promise.resolve(me),
    certificateOf: () => Promise.resolve(''),
    state: () => Promise.resolve({ folders: [{ folderId: FOLDER, owner: me.address, epochs: [{ epoch: 1, identity, keyHash }], grants: [] }], shared: [] }),
    cardOf: () => Promise.resolve({ name: 'Me', hash: ZERO_HASH }),
    send: (_a: unknown, calls: Uint8Array[]) => (mine(calls), answer()),
    node: {
      folder: () => Promise.resolve({ owner: me.address, epoch: 1, status: 1, keyHash }),
      http: {
        members: () => Promise.resolve(Members.of(parseJson(JSON.stringify(keys)), 'keys')), none: () => Promise.resolve(),
        send: () => Promise.resolve(new Response(null, { status: 201 })), bytes: () => Promise.resolve(new Uint8Array()),
      },
      rpc: { prove: () => (sees(), Promise.resolve({ block: { vouched: true }, account: { words } })) },
    },
  } as unknown as Context;
}
vi.mock('./upload.js', () => ({ uploadBody: () => Promise.resolve({ cid: new Uint8Array(36), size: 1, bodySize: 33, sha256: new Uint8Array(32) }) }));
const cut = (code = 'E_AWAY'): Promise<never> => Promise.reject(new CoreError(code, 'the answer was cut'));

/** What came of it, and which items were told to be confirmed. */
async function added(c: Context): Promise<{ out: unknown; confirmed: number[] }> {
  const confirmed: number[] = [];
  const onProgress = (p: Progress): void => void (p.stage === 'confirmed' && confirmed.push(p.item!));
  const out = await add(c, FOLDER, [item('one'), item('two')], { onProgress }).then((x) => x.map((y) => y.sent), (e: CoreError) => e.code);
  return { out, confirmed };
}

describe('records whose relay gives no answer', () => {
  beforeEach(() => void vi.stubGlobal('setTimeout', (f: () => void) => setImmediate(f)));
  afterEach(() => void vi.unstubAllGlobals());
  it.each(['E_AWAY', 'E_TIMEOUT', 'E_UNAVAILABLE'])('are added when the chain holds them: %s', async (code) => {
    expect(await added(nodeWith(() => true, () => cut(code)))).toEqual({ out: [null, null], confirmed: [0, 1] });
  });
  it('are not called missing when it does not yet', async () => {
    expect(await added(nodeWith(() => false, cut))).toEqual({ out: 'E_UNKNOWN', confirmed: [] });
  });
  it('are told one by one', async () => {
    expect(await added(nodeWith((i) => i === 1, cut))).toEqual({ out: 'E_UNKNOWN', confirmed: [1] });
  });
  it('are looked for more than once', async () => {
    let looks = 0;
    await added(nodeWith(() => false, cut, () => looks++));
    expect(looks).toBe(5);
  });
  it('are not added when it refused them', async () => {
    expect(await added(nodeWith(() => false, () => cut('E_FORBIDDEN')))).toEqual({ out: 'E_FORBIDDEN', confirmed: [] });
  });
});
