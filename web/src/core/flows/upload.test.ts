// SPDX-License-Identifier: Apache-2.0
// A node that answers, is away or is busy as the test says.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CoreError, type Hash } from '../types.js';
import type { Context } from './context.js';
import type { Access } from './folder.js';
import type { Sealed } from './seal.js';
import { uploadBody } from './upload.js';
import { uploadLarge } from './upload-large.js';

const ID: Hash = `0x${'1d'.repeat(32)}`;
interface Asked {
  method: string;
  target: string;
  body?: Uint8Array;
}
type Kind = 'body' | 'begin' | 'piece' | 'finish' | 'drop';
/** What the node says to the n-th request of a kind; null: it does as it is told. */
type Says = (kind: Kind, n: number) => CoreError | null;

function upload(says: Says, how = uploadLarge, size = 100_000): { done: string[]; result: Promise<unknown> } {
  const done: string[] = [];
  const counts = new Map<string, number>();
  const ask = (kind: Kind): Promise<void> => {
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    const e = says(kind, n);
    done.push(e === null ? kind : `${kind} ${e.code}`);
    return e === null ? Promise.resolve() : Promise.reject(e);
  };
  const http = {
    members: (a: Asked) => ask(a.method === 'POST' ? 'begin' : 'piece').then(() => ({ hash: () => ID, num: () => 0 })),
    none: (a: Asked) => ask(a.method === 'PATCH' ? 'piece' : a.method === 'DELETE' ? 'drop' : a.target.includes('/bodies?') ? 'body' : 'finish'),
  };
  const c = { node: { http } } as unknown as Context;
  const a = { folderId: `0x${'f0'.repeat(32)}`, actor: {} } as unknown as Access;
  const blob = new Blob([new Uint8Array(size)]);
  const result = how(c, a, blob, new Uint8Array(16).fill(1), new Uint8Array(16).fill(2), () => undefined);
  return { done, result };
}
const away = new CoreError('E_AWAY', 'the node cannot be reached');
const busy = new CoreError('E_CONFLICT', 'another request has this upload');
const unknown = new CoreError('E_NOT_FOUND', 'no such upload; it may be over');

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 }));
afterEach(() => void vi.useRealTimers());

describe('an upload', () => {
  it('is one request when it is small, sent again while the node is away', async () => {
    const { done, result } = upload((_, n) => (n === 1 ? away : null), uploadBody);
    await result;
    expect(done).toEqual(['body E_AWAY', 'body']);
  });
  it('of some megabytes goes on in pieces, sealed anew, when the line does not bring it at once', async () => {
    const { done, result } = upload((kind) => (kind === 'body' ? away : null), uploadBody, 3 << 20);
    const inPieces = (await result) as Sealed;
    expect(done).toEqual(['body E_AWAY', 'begin', 'piece', 'finish']);
    const atOnce = (await upload(() => null, uploadBody, 3 << 20).result) as Sealed;
    expect(inPieces.sha256).toEqual(atOnce.sha256);
    expect(inPieces.cid).not.toEqual(atOnce.cid);
  });
  it('that the node refuses is not sent in another way', async () => {
    const full = new CoreError('E_THROTTLED', 'upload: too much today');
    const { done, result } = upload((kind) => (kind === 'body' ? full : null), uploadBody, 3 << 20);
    await expect(result).rejects.toBe(full);
    expect(done).toEqual(['body E_THROTTLED']);
  });
});
describe('a large upload', () => {
  it('goes piece by piece and is finished', async () => {
    const { done, result } = upload(() => null);
    await result;
    expect(done).toEqual(['begin', 'piece', 'finish']);
  });
  it('is done when the answer to its end was cut and the node knows the session no more', async () => {
    const { done, result } = upload((kind, n) => (kind !== 'finish' ? null : n === 1 ? away : n === 2 ? busy : unknown));
    await result;
    expect(done).toEqual(['begin', 'piece', 'finish E_AWAY', 'finish E_CONFLICT', 'finish E_NOT_FOUND']);
  });
  it('fails when the node does not know the session though nothing was cut', async () => {
    const { done, result } = upload((kind) => (kind === 'finish' ? unknown : null));
    await expect(result).rejects.toBe(unknown);
    expect(done.slice(-2)).toEqual(['finish E_NOT_FOUND', 'drop']);
  });
  it('that is given up goes from the node, which may still hold its last piece', async () => {
    const wrong = new CoreError('E_MISMATCH', 'the body has another CID');
    const { done, result } = upload((kind, n) => (kind === 'finish' ? wrong : kind === 'drop' && n < 3 ? busy : null));
    await expect(result).rejects.toBe(wrong);
    expect(done.slice(-3)).toEqual(['drop E_CONFLICT', 'drop E_CONFLICT', 'drop']);
  });
});
