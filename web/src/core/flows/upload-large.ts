// SPDX-License-Identifier: Apache-2.0
// A large body streams to the node while it is sealed: never more than a few pieces in memory.
// A cut connection is waited out; sealing goes on where the node's answer says.
import type { Bytes } from '../codec/bytes.js';
import { cidText } from '../codec/cid.js';
import { sealedLength } from '../age/stream.js';
import { CoreError, type Hash } from '../types.js';
import type { Context } from './context.js';
import { type Access, folderPath } from './folder.js';
import type { Sealed } from './seal.js';
import { sealInWorker } from './seal-worker.js';
import { retry } from './upload.js';

const TRIES = 20;

/** An upload session at the node. */
class Session {
  at = 0;
  constructor(
    private readonly c: Context,
    private readonly a: Access,
    private readonly id: Hash,
    private readonly onBytes: (done: number) => void,
    private readonly signal?: AbortSignal,
  ) {}
  private path(rest = ''): string {
    return folderPath(this.a.folderId, `/uploads/${this.id}${rest}`);
  }
  /** One request; body is lent until it has gone. */
  async push(body: Bytes): Promise<void> {
    const end = this.at + body.length;
    // After a cut the node may still hold the request that was cut.
    await retry(() => this.sendFrom(body, end), this.signal, TRIES, ['E_AWAY', 'E_CONFLICT']);
    this.at = end;
    this.onBytes(end);
  }
  /** What of body the node has not got yet. After a cut it may have some of it. */
  private async sendFrom(body: Bytes, end: number): Promise<void> {
    const begin = end - body.length;
    const { c, a, signal } = this;
    const have = await this.offset(begin);
    if (have < begin || have > end) throw new CoreError('E_MISMATCH', 'upload: the node is somewhere else');
    if (have === end) return;
    this.known = null;
    const piece = body.subarray(have - begin);
    await c.node.http.none({ method: 'PATCH', target: this.path(`?offset=${have}`), body: piece, signer: a.actor, signal, timeoutMs: 60_000 });
    this.known = end;
  }
  private known: number | null = 0;
  private async offset(expected: number): Promise<number> {
    if (this.known === expected) return expected;
    const m = await this.c.node.http.members({ method: 'GET', target: this.path(), signer: this.a.actor, signal: this.signal }, 'upload');
    return m.num('offset');
  }
  /**
   * An answer that was cut tells nothing: the node may have finished, and then knows the session no more. Whether it has the body
   * it says when the envelope comes, which it refuses without.
   */
  async finish(cid: Uint8Array): Promise<void> {
    const { c, a, signal } = this;
    let cut = false;
    const ask = (): Promise<void> =>
      c.node.http.none({ method: 'POST', target: this.path(`/finish?cid=${cidText(cid)}`), signer: a.actor, signal, timeoutMs: 120_000 }).catch((e: unknown) => {
        if (cut && e instanceof CoreError && e.code === 'E_NOT_FOUND') return;
        cut ||= e instanceof CoreError && e.code === 'E_AWAY';
        throw e;
      });
    await retry(ask, signal, TRIES, ['E_AWAY', 'E_CONFLICT']);
  }
  /** The node may still hold the request that was given up. */
  async drop(): Promise<void> {
    const ask = (): Promise<void> => this.c.node.http.none({ method: 'DELETE', target: this.path(), signer: this.a.actor });
    await retry(ask, undefined, 4, ['E_CONFLICT']).catch(() => undefined);
  }
}

export async function uploadLarge(
  c: Context,
  a: Access,
  blob: Blob,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  onBytes: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Sealed> {
  const total = sealedLength(blob.size);
  const m = await retry(() => c.node.http.members({ method: 'POST', target: folderPath(a.folderId, '/uploads'), signer: a.actor, signal }, 'upload'), signal);
  const s = new Session(c, a, m.hash('id'), (done) => onBytes(done, total), signal);
  try {
    const sealed = await sealInWorker(blob, fileKey, nonce, (p) => s.push(p), signal);
    await s.finish(sealed.cid);
    return sealed;
  } catch (e) {
    await s.drop();
    throw e;
  }
}
