// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { randomBytes } from '../codec/bytes.js';
import { KeySigner } from '../crypto/secp.js';
import { certificateTyped } from '../formats/signed.js';
import { metaRead, metaWrite } from '../formats/meta.js';
import { type OwnerState, stateEmpty } from '../formats/state.js';
import { type Address, CoreError, type Hash, type Meta } from '../types.js';
import { Authors } from './author.js';
import type { Context } from './context.js';

const key = (): KeySigner => new KeySigner(randomBytes(32));
const [me, doctor, cert, oldCert, member, stranger] = [key(), key(), key(), key(), key(), key()];
const hash = (n: number): Hash => `0x${String(n).padStart(64, '0')}`;
const net = { chainId: 7n, proxy: stranger.address };
interface Card {
  name: string;
  hash: Hash;
  certKey: Address;
}
const CARD: Card = { name: 'Dr. Rivera', hash: hash(2), certKey: cert.address };
function certificate(by: KeySigner, change: { account?: Address; cardHash?: Hash; member?: KeySigner; notAfter?: number } = {}): string {
  const c = { account: change.account ?? doctor.address, member: (change.member ?? member).address, cardHash: change.cardHash ?? CARD.hash, notAfter: change.notAfter ?? 5 };
  const t = certificateTyped(net as never, c);
  return JSON.stringify({ ...c, certSignature: by.signNow(t), memberSignature: (change.member ?? member).signNow(t) });
}
function meta(change: Partial<Meta> = {}): Meta {
  return {
    title: 'Letter', category: 'notes', categoryText: 'Notes', typeCode: '11506-3', typeText: 'Progress note', docStatus: 'final', date: '2026-05-04T10:00:00Z', creation: '',
    contentType: 'text/plain', fileName: '', size: 1, sha256: hash(9), authorName: 'Dr. Rivera', authorAccount: doctor.address, authorCard: CARD.hash, authorCertificate: '', ...change,
  };
}
/** What somebody who knows this finds of the record that `signer` signed. */
async function verdict(signer: KeySigner, m: Meta, state: Partial<OwnerState> = {}, card: Card | null = CARD): Promise<string> {
  let asked = 0;
  const cardOf = () => (asked++, card ? Promise.resolve(card) : Promise.reject(new CoreError('E_NOT_FOUND', 'no card')));
  const c = { account: me.address, net, cardOf, state: () => Promise.resolve({ ...stateEmpty(), ...state }) } as unknown as Context;
  const authors = new Authors(c);
  const [one, two] = await Promise.all([authors.of(signer.address, m), authors.of(signer.address, m)]);
  expect(two).toBe(one);
  expect(asked).toBeLessThan(2);
  return one.signer === '' ? one.verdict : `${one.verdict} ${one.signer}`;
}
const grants = (holder: Address, account: Address): Partial<OwnerState> => ({ folders: [{ owner: me.address, epochs: [], grants: [{ holder, account, name: 'My doctor' }] }] as never });
const shared = (owner: Address, ownerAccount: Address, holder: Address): Partial<OwnerState> => ({ shared: [{ owner, ownerAccount, ownerName: 'Cora', holder }] as never });

describe('the author of a record', () => {
  it('is proved when the account itself signed, or an address that is known to be its own', async () => {
    expect(await verdict(doctor, meta())).toBe('proved Dr. Rivera');
    expect(await verdict(member, meta(), grants(member.address, doctor.address))).toBe('proved Dr. Rivera');
    expect(await verdict(member, meta(), shared(member.address, doctor.address, stranger.address))).toBe('proved Dr. Rivera');
    expect(await verdict(member, meta({ authorAccount: me.address }), shared(stranger.address, stranger.address, member.address))).toBe('proved Dr. Rivera');
  });
  it('is somebody else when a known address signed for another account', async () => {
    expect(await verdict(member, meta(), grants(member.address, stranger.address))).toBe('other My doctor');
    expect(await verdict(member, meta({ authorCertificate: certificate(cert) }), grants(member.address, stranger.address))).toBe('other My doctor');
  });
  it("is the folder owner's word when the owner signed somebody's document", async () => {
    expect(await verdict(member, meta(), shared(member.address, stranger.address, stranger.address))).toBe('owner');
    expect(await verdict(me, meta(), grants(stranger.address, stranger.address))).toBe('owner');
  });
  it('is proved by a certificate, when it is over by now and when it names an earlier card of the same certifier', async () => {
    expect(await verdict(member, meta({ authorCertificate: certificate(cert) }))).toBe('proved Dr. Rivera');
    const earlier = meta({ authorCard: hash(1), authorCertificate: certificate(cert, { cardHash: hash(1) }) });
    expect(await verdict(member, earlier)).toBe('proved Dr. Rivera');
  });
  it("is the document's word without a certificate, without a card, or when the account has another certifier since", async () => {
    expect(await verdict(member, meta())).toBe('said');
    expect(await verdict(member, meta({ authorCertificate: certificate(cert) }), {}, null)).toBe('said');
    expect(await verdict(doctor, meta(), {}, null)).toBe('said');
    expect(await verdict(member, meta({ authorCard: hash(1), authorCertificate: certificate(oldCert, { cardHash: hash(1) }) }))).toBe('said');
  });
  it('is somebody else when the certificate is false', async () => {
    const cases: string[] = [
      certificate(oldCert), certificate(stranger, { member: stranger }), certificate(cert, { account: stranger.address }), certificate(cert, { cardHash: hash(1) }),
      certificate(cert, { notAfter: 0 }), certificate(cert).replace('"notAfter"', '"x":1,"notAfter"'), `{"account":"${doctor.address}"}`, 'no JSON', ' '.repeat(1000) + certificate(cert),
      certificate(cert).replace(/("memberSignature":"0x..)../, '$100'),
    ];
    for (const c of cases) expect(await verdict(member, meta({ authorCertificate: c })), c).toBe('other');
  });
  it('has the name of its card: another one in the document is told', async () => {
    expect(await verdict(doctor, meta({ authorName: 'Dr. Famous' }))).toBe('renamed Dr. Rivera');
    expect(await verdict(member, meta({ authorName: 'Dr. Famous', authorCertificate: certificate(cert) }))).toBe('renamed Dr. Rivera');
  });
});
describe('the certificate in meta', () => {
  it('is read as it was written, and left out when there is none', () => {
    for (const authorCertificate of ['', certificate(cert)]) {
      const bytes = metaWrite(meta({ authorCertificate }));
      expect(metaRead(bytes)).toEqual(meta({ authorCertificate }));
      expect(new TextDecoder().decode(bytes).includes('author-certificate')).toBe(authorCertificate !== '');
    }
  });
  it('has at most 1 KiB', () => {
    expect(metaRead(metaWrite(meta({ authorCertificate: 'x'.repeat(1024) }))).authorCertificate).toHaveLength(1024);
    expect(() => metaWrite(meta({ authorCertificate: 'x'.repeat(1025) }))).toThrow('certificate');
    expect(() => metaRead(new TextEncoder().encode(new TextDecoder().decode(metaWrite(meta({ authorCertificate: 'MARK' }))).replace('MARK', 'x'.repeat(1025))))).toThrow('certificate');
  });
});
