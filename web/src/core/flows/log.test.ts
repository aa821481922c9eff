// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { keccak } from '../codec/abi.js';
import { concat, fromHex, randomBytes, toHex, utf8 } from '../codec/bytes.js';
import { logLeafOf, ZERO_HASH } from '../codec/domain.js';
import { Members } from '../codec/text.js';
import { sha256Now } from '../crypto/kdf.js';
import { KeySigner } from '../crypto/secp.js';
import { typed } from '../formats/signed.js';
import { type AccessLog, CoreError, type Hash } from '../types.js';
import type { Context } from './context.js';
import { readLog } from './log.js';

const key = (): KeySigner => new KeySigner(randomBytes(32));
const [nodeKey, owner, doctor, stranger] = [key(), key(), key(), key()];
const net = { chainId: 7n, proxy: stranger.address };
const origin = 'http://node.example';
const folderId: Hash = `0x${'0f'.repeat(32)}`;
const records = `/api/v1/folders/${folderId}/records?limit=1`;
const hashOf = (text: string): Hash => toHex(keccak(utf8(text)));
const lengthened = (n: number): string => `${records}&x=`.padEnd(n, 'a');

/** What a node writes of a GET of `asked` by the doctor; `told` is what it says of the target. */
function entry(asked: string, told: object, by = doctor): string {
  const request = { signer: doctor.address, origin, method: 'GET', target: asked, bodySha256: sha256Now(), nonce: toHex(randomBytes(32)), issuedAt: 5 };
  return JSON.stringify({
    time: 6, requestId: 'r', signer: doctor.address, action: 'records', method: 'GET', ...told, record: null, outcome: 'released', reason: '', nonce: request.nonce,
    issued: 5, signature: by.signNow(typed(net, 'VaultRequest', request)),
  });
}
const cut = (asked: string) => ({ target: asked.slice(0, 256), targetHash: hashOf(asked) });
/** The log of one entry, as its owner reads it. */
async function logOf(text: string): Promise<AccessLog> {
  const salt = toHex(randomBytes(32));
  const leaf = logLeafOf(net, folderId, 1, ZERO_HASH, sha256Now(concat(fromHex(salt), utf8(text))));
  const head = { seq: 1, leaf, time: 7, signature: nodeKey.signNow(typed(net, 'LogHead', { folderId, seq: 1, leaf, time: 7 })) };
  const answer = JSON.stringify({ entries: [{ seq: 1, salt, entry: text, leaf }], head });
  const folder = { folderId, owner: owner.address, grants: [{ holder: doctor.address, account: doctor.address, name: 'Dr. Rivera' }] };
  const c = {
    net, account: owner.address, state: () => Promise.resolve({ folders: [folder] }), actorOfFolder: () => owner, certify: () => Promise.resolve(),
    cardOf: () => Promise.reject(new CoreError('E_NOT_FOUND', 'no card')),
    node: { info: { origin, nodeAddress: nodeKey.address }, http: { members: () => Promise.resolve(Members.parse(answer, 'access log', 1 << 20)) } },
  };
  return readLog(c as unknown as Context, folderId);
}
/** Was the entry signed, and what fails of the log? */
async function verdict(text: string): Promise<[boolean | null, string[]]> {
  const log = await logOf(text);
  return [log.entries[0]!.signed, log.checks.filter((x) => x.state !== 'passed').map((x) => x.id)];
}

const HOLDS = [true, []];
const FORGED = [false, ['log-signatures']];
describe('the access log', () => {
  it.each([records.length, 255, 256])('proves a request of %i bytes', async (n) => {
    const target = n === records.length ? records : lengthened(n);
    expect(await verdict(entry(target, { target }))).toEqual(HOLDS);
  });
  it.each([257, 7000])('proves a request of %i bytes, of which the node keeps a part', async (n) => {
    expect(await verdict(entry(lengthened(n), cut(lengthened(n))))).toEqual(HOLDS);
  });
  it('proves a long one that an earlier node kept whole', async () => {
    expect(await verdict(entry(lengthened(300), { target: lengthened(300) }))).toEqual(HOLDS);
  });
  it('tells of a long one that nobody signed', async () => {
    const long = lengthened(300);
    expect(await verdict(entry(long, cut(long), stranger))).toEqual(FORGED);
    expect(await verdict(entry(long, { ...cut(long), targetHash: hashOf(lengthened(301)) }))).toEqual(FORGED);
    expect(await verdict(entry(long, { target: long.slice(0, 256) }))).toEqual(FORGED);
  });
  it.each([10, 255, 257])('takes no hash beside %i bytes', async (n) => {
    const long = lengthened(300);
    expect(await verdict(entry(long, { ...cut(long), target: long.slice(0, n) }))).toEqual(FORGED);
  });
});
