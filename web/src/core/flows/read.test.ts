// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ageSeal } from '../age/file.js';
import { headerWrite } from '../age/header.js';
import { AgeIdentity, FILE_KEY, stanzaForRecipient } from '../age/keys.js';
import { STREAM_NONCE } from '../age/stream.js';
import { abiEncode } from '../codec/abi.js';
import { concat, fromHex, randomBytes, toHex } from '../codec/bytes.js';
import { commitmentOf, innerOf, keyHashOf, type Net, ZERO_HASH } from '../codec/domain.js';
import { parseJson } from '../codec/json.js';
import { Members } from '../codec/text.js';
import { RECORD_TOPICS, recordSlot } from '../chain/registry.js';
import { sha256 } from '../crypto/kdf.js';
import { KeySigner } from '../crypto/secp.js';
import { envelopeWrite } from '../formats/envelope.js';
import { metaWrite } from '../formats/meta.js';
import { certificateTyped, folderKeyTyped } from '../formats/signed.js';
import type { Check, Hash, Hex, Meta, RecordItem } from '../types.js';
import type { Context } from './context.js';
import { read, readSealed, record } from './read.js';
import { sealHere } from './seal.js';

const net: Net = { chainId: 1n, proxy: `0x${'99'.repeat(20)}` };
const FOLDER: Hash = `0x${'f0'.repeat(32)}`;
const REC: Hash = `0x${'a1'.repeat(32)}`;
const RIVERA: Hex = `0x${'d0'.repeat(20)}`;
const CARD: Hash = `0x${'c0'.repeat(32)}`;
const OTHER: Hex = `0x${'22'.repeat(26)}`;
const signer = (): KeySigner => new KeySigner(randomBytes(32));
const owner = signer();
const certifier = signer();
const holder = signer();
const folderKey = await AgeIdentity.generate();
const keyHash = keyHashOf(net, FOLDER, 1, folderKey.recipient, ZERO_HASH);

interface Version { envelope: Uint8Array; body: Uint8Array<ArrayBuffer>[]; commitment: Hex; inner: Hash; version: number }
/** A version by the physician as anybody can make it who knows the folder's public key and the certificate: the node does. */
async function versionOf(version: number, title: string): Promise<Version> {
  const t = certificateTyped(net, { account: RIVERA, member: holder.address, cardHash: CARD, notAfter: 2_000_000_000 });
  const authorCertificate = JSON.stringify({
    account: RIVERA, member: holder.address, cardHash: CARD, notAfter: 2_000_000_000, certSignature: certifier.signNow(t), memberSignature: holder.signNow(t),
  });
  const fileKey = randomBytes(FILE_KEY);
  const body: Uint8Array<ArrayBuffer>[] = [];
  const s = await sealHere(new Blob([title]), fileKey, randomBytes(STREAM_NONCE), (p) => void body.push(p as Uint8Array<ArrayBuffer>));
  const meta = metaWrite({
    title, category: 'notes', categoryText: 'Notes', typeCode: '11506-3', typeText: 'Progress note', docStatus: 'final', date: '2026-01-01T00:00:00Z', creation: '2026-01-01',
    contentType: 'text/plain', fileName: '', size: s.size, sha256: toHex(s.sha256), authorName: 'Dr. Rivera', authorAccount: RIVERA, authorCard: CARD, authorCertificate,
  } satisfies Meta);
  const salt = randomBytes(32);
  const inner = innerOf(net, salt, s.cid, await sha256(meta));
  const at = { folderId: FOLDER, recordId: REC, version, epoch: 1, author: holder.address };
  const header = headerWrite([await stanzaForRecipient(folderKey.recipient, fileKey)], fileKey);
  const envelope = envelopeWrite({ ...at, cid: s.cid, salt, header, metaAge: await ageSeal(meta, folderKey.recipient) });
  return { envelope, body, commitment: commitmentOf(net, at, inner), inner, version };
}
const toldOf = (v: Pick<Version, 'version' | 'commitment' | 'inner'>) => ({ ...v, envelope: undefined, body: undefined, epoch: 1, author: holder.address, block: 5, time: 1, tx: ZERO_HASH });
function eventOf(v: Version) {
  const data = toHex(concat(abiEncode(['uint256', 'uint256', 'address'], [v.version, 1, holder.address]), fromHex(v.commitment), new Uint8Array(6)));
  return { address: net.proxy, topics: [(RECORD_TOPICS as Hash[])[0], FOLDER, REC], data, blockNumber: '0x5', transactionHash: ZERO_HASH };
}
/** Whose chain holds one version as the newest, and whose node tells what it likes and hands out `given`. */
function nodeOf(chain: { version: number; commitment: Hex }, told: object, given: Version): Context {
  const word = new Uint8Array(32);
  word[1] = 1;
  word[5] = chain.version;
  word.set(fromHex(chain.commitment), 6);
  const key = { folderId: FOLDER, epoch: 1, recipient: folderKey.recipient, prevKeyHash: ZERO_HASH };
  const keys = { keys: [{ ...key, signature: owner.signNow(folderKeyTyped(net, key)) }] };
  const members = ({ target }: { target: string }): Promise<Members> =>
    Promise.resolve(Members.of(parseJson(JSON.stringify(target.includes('/keys') ? keys : { records: [told], next: null })), 'told'));
  return {
    account: owner.address, net, now: () => 1_790_000_000, alive: () => undefined, certify: () => Promise.resolve(), actorOf: () => Promise.resolve(owner),
    state: () => Promise.resolve({ folders: [{ folderId: FOLDER, owner: owner.address, epochs: [{ epoch: 1, identity: folderKey, keyHash }], grants: [] }], shared: [] }),
    cardOf: () => Promise.resolve({ name: 'Dr. Rivera', certKey: certifier.address, hash: CARD }),
    node: {
      folder: () => Promise.resolve({ owner: owner.address, epoch: 1, status: 1, keyHash }),
      http: { members, bytes: () => Promise.resolve(given.envelope), send: () => Promise.resolve(new Response(new Blob(given.body))) },
      rpc: {
        prove: (_a: Hex, slots: Hash[]) => {
          expect(slots).toEqual([recordSlot(FOLDER, REC)]);
          return Promise.resolve({ block: { number: 9, hash: ZERO_HASH, timestamp: 9, vouched: true }, account: { words: [word] } });
        },
        logs: (f: object) => f, all: () => Promise.resolve([[eventOf(given)]]),
      },
    },
  } as unknown as Context;
}
const itemOf = (version: number, commitment: Hex): RecordItem =>
  ({ folderId: FOLDER, recordId: REC, version, status: 'active', proof: { checks: [{ id: 'slot', state: 'passed' }], facts: { commitment, version } } }) as unknown as RecordItem;
const passed = (checks: Check[]): string[] => checks.filter((x) => x.state === 'passed').map((x) => x.id);

const true1 = await versionOf(1, 'as it was written');
const true2 = await versionOf(2, 'as it was amended');
const forged = await versionOf(1, 'made by the node');
const history = (...all: Pick<Version, 'version' | 'commitment' | 'inner'>[]) => ({ recordId: REC, status: 'active', ...toldOf(all.at(-1)!), history: all.map(toldOf) });

describe('a node that calls the newest version an older one', () => {
  const told = history(forged, { version: 2, commitment: OTHER, inner: ZERO_HASH });
  const lying = (): Context => nodeOf(true1, told, forged);
  it('has nothing in its place read', async () => {
    await expect(read(lying(), itemOf(1, true1.commitment), {})).rejects.toThrow("chain's commitment");
    await expect(readSealed(lying(), itemOf(1, true1.commitment), {})).rejects.toThrow("chain's commitment");
    expect((await record(lying(), FOLDER, REC, 1)).meta).toBeNull();
  });
  it('is not believed that there is a newer one', async () => {
    const item = await record(lying(), FOLDER, REC);
    expect(item.error).not.toBeNull();
    expect(item.proof.checks.find((x) => x.id === 'slot')?.state).toBe('failed');
  });
  it('changes nothing when it hands out the true one', async () => {
    const told = history(true1, { version: 2, commitment: OTHER, inner: ZERO_HASH });
    const { proof } = await read(nodeOf(true1, told, true1), itemOf(1, true1.commitment), {});
    expect(passed(proof.checks)).toEqual(['slot', 'header', 'source', 'commitment', 'envelope', 'meta', 'inner', 'author', 'member', 'cid', 'encryption', 'size', 'sha256']);
  });
});

describe('a version that is older', () => {
  it('opens, and nothing of it counts as proved that only the node says', async () => {
    const c = nodeOf(true2, history(true1, true2), true1);
    const item = await record(c, FOLDER, REC, 1);
    expect(passed(item.proof.checks)).toEqual(['envelope', 'meta']);
    expect(item.author).toEqual({ verdict: 'said', signer: '' });
    expect(item.proof.facts.provedAt).toBeNull();
    expect(new TextDecoder().decode((await read(c, item, {})).bytes!)).toBe('as it was written');
  });
  it('must be the one that was proved while it was the newest', async () => {
    const c = nodeOf(true2, history(forged, true2), forged);
    await expect(read(c, itemOf(1, true1.commitment), {})).rejects.toThrow("chain's commitment");
  });
  it('is the last that was sealed with its number', async () => {
    const c = nodeOf(true2, history(forged, true1, true2), true1);
    expect((await read(c, itemOf(1, true1.commitment), {})).item.error).toBeNull();
  });
});
