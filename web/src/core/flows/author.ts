// SPDX-License-Identifier: Apache-2.0
// Whether who signed a record on the chain is the author that its meta names; as src/ehr/author.c.
import { certificateRead, certificateVerify, type Certificate } from '../formats/signed.js';
import type { OwnerState } from '../formats/state.js';
import { type Address, type Author, type AuthorVerdict, type CheckedCard, CoreError, type Meta } from '../types.js';
import type { Context } from './context.js';

interface Known {
  account: Address;
  name: string;
}
/** Whose address it is, as this account knows it: its own addresses, its grantees, the owners of shared folders. */
function knownOf(c: Pick<Context, 'account'>, s: OwnerState, signer: Address): Known | null {
  const mine = signer === c.account || s.folders.some((f) => f.owner === signer) || s.shared.some((n) => n.holder === signer);
  if (mine) return { account: c.account, name: '' };
  const grant = s.folders.flatMap((f) => f.grants).find((g) => g.holder === signer);
  if (grant !== undefined) return { account: grant.account, name: grant.name };
  const note = s.shared.find((n) => n.owner === signer);
  return note === undefined ? null : { account: note.ownerAccount, name: note.ownerName };
}
/** Of a folder that is mine or shared with me. */
function isOwner(s: OwnerState, signer: Address): boolean {
  return s.folders.some((f) => f.owner === signer) || s.shared.some((n) => n.owner === signer);
}
function certificateOf(signer: Address, m: Meta): Certificate | null {
  try {
    const cert = certificateRead(m.authorCertificate);
    return cert.member === signer && cert.account === m.authorAccount && cert.cardHash === m.authorCard ? cert : null;
  } catch {
    return null;
  }
}
/** Judges the authors of some records that are read together; each of them, and each card, once. */
export class Authors {
  private readonly done = new Map<string, Promise<Author>>();
  private readonly cards = new Map<Address, Promise<CheckedCard | null>>();
  constructor(private readonly c: Context) {}
  of(signer: Address, m: Meta): Promise<Author> {
    const key = [signer, m.authorAccount, m.authorCard, m.authorCertificate, m.authorName].join(' ');
    let judged = this.done.get(key);
    if (judged === undefined) this.done.set(key, (judged = this.c.state().then((s) => this.judge(s, signer, m))));
    return judged;
  }
  /** Null: none to check by, now or any more. */
  private cardOf(account: Address): Promise<CheckedCard | null> {
    let card = this.cards.get(account);
    if (card === undefined) {
      card = this.c.cardOf(account).catch((e: unknown) => {
        if (e instanceof CoreError && e.code !== 'E_LOCKED') return null;
        throw e;
      });
      this.cards.set(account, card);
    }
    return card;
  }
  private async judge(s: OwnerState, signer: Address, m: Meta): Promise<Author> {
    const judged = await this.judgeAddress(s, signer, m);
    if (judged.verdict !== 'proved') return judged;
    // A name is believed from the account's card alone: in meta everybody may call themselves as they like.
    const card = await this.cardOf(m.authorAccount);
    if (card === null) return { verdict: 'said', signer: '' };
    return { verdict: card.name === m.authorName ? 'proved' : 'renamed', signer: card.name };
  }
  private async judgeAddress(s: OwnerState, signer: Address, m: Meta): Promise<Author> {
    const known = signer === m.authorAccount ? { account: signer, name: '' } : knownOf(this.c, s, signer);
    if (known === null) return { verdict: await this.judgeCertificate(signer, m), signer: '' };
    if (known.account === m.authorAccount) return { verdict: 'proved', signer: '' };
    return isOwner(s, signer) ? { verdict: 'owner', signer: '' } : { verdict: 'other', signer: known.name };
  }
  /** By the certificate that meta brings along. */
  private async judgeCertificate(signer: Address, m: Meta): Promise<AuthorVerdict> {
    if (m.authorCertificate === '') return 'said';
    const cert = certificateOf(signer, m);
    if (cert === null) return 'other';
    const card = await this.cardOf(cert.account);
    if (card === null) return 'said';
    if (certificateVerify(this.c.net, cert, card.certKey)) return 'proved'; // by an earlier card, too, when the certifier is the same
    return card.hash === cert.cardHash ? 'other' : 'said'; // another certifier since: whoever stole the old one could have signed as well
  }
}
