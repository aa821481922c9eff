// SPDX-License-Identifier: Apache-2.0
// What the page keeps of an opened chart on this device: sealed under a key that only the unlocked identity gives
// (docs/formats.md, "Kept by the page"). The store sees names and bytes that say nothing.
import { concat, toHex, utf8, wipe } from './codec/bytes.js';
import type { OpenIdentity } from './formats/identity.js';
import { CoreError, type Hash } from './types.js';

const DB = 'ehrd-local';
const STORE = 'sealed';
const IV = 12;
const VALUE_MAX = 256 << 20;

function ask<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(new CoreError('E_IO', 'this browser does not keep data for the page', { cause: r.error }));
  });
}
async function run<T>(mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DB, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const db = await ask(opening);
  try {
    return await ask(f(db.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    db.close();
  }
}

/** Sealing for one identity; the key cannot be taken out of the browser's keeping. */
export class LocalSeal {
  private constructor(
    private readonly key: CryptoKey,
    private readonly names: CryptoKey,
  ) {}
  static async of(id: Pick<OpenIdentity, 'local'>): Promise<LocalSeal> {
    const [key, names] = [id.local('page-local'), id.local('page-local-name')];
    try {
      return new LocalSeal(
        await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']),
        await crypto.subtle.importKey('raw', names, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
      );
    } finally {
      wipe(key);
      wipe(names);
    }
  }
  /** Where a folder's chart stands; not linkable to the folder without the identity. */
  async name(folderId: Hash): Promise<string> {
    return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', this.names, utf8(folderId)))).slice(2);
  }
  private rule(folderId: Hash, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
    return { name: 'AES-GCM', iv, additionalData: utf8(`ehrd page-local/v1 ${folderId}`) as Uint8Array<ArrayBuffer> };
  }
  async seal(folderId: Hash, clear: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const iv = crypto.getRandomValues(new Uint8Array(IV));
    return concat(iv, new Uint8Array(await crypto.subtle.encrypt(this.rule(folderId, iv), this.key, clear))) as Uint8Array<ArrayBuffer>;
  }
  /** null: not sealed by this identity for this folder, or changed since. */
  async open(folderId: Hash, sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
    if (sealed.length < IV + 16) return null;
    try {
      return new Uint8Array(await crypto.subtle.decrypt(this.rule(folderId, sealed.slice(0, IV)), this.key, sealed.subarray(IV)));
    } catch {
      return null;
    }
  }
}

/** One sealed value a folder, in IndexedDB. A browser that keeps nothing costs time, never an error. */
export class LocalStore {
  private seal: Promise<LocalSeal> | null = null;
  constructor(private readonly id: Pick<OpenIdentity, 'local'>) {}
  private sealOf(): Promise<LocalSeal> {
    return (this.seal ??= LocalSeal.of(this.id));
  }
  async get(folderId: Hash): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const seal = await this.sealOf();
      const name = await seal.name(folderId);
      const found = await run<unknown>('readonly', (s) => s.get(name));
      return found instanceof Uint8Array ? await seal.open(folderId, found as Uint8Array<ArrayBuffer>) : null;
    } catch {
      return null;
    }
  }
  async put(folderId: Hash, clear: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if (clear.length > VALUE_MAX) return false;
    try {
      const seal = await this.sealOf();
      const [name, sealed] = [await seal.name(folderId), await seal.seal(folderId, clear)];
      await run('readwrite', (s) => s.put(sealed, name));
      return true;
    } catch {
      return false;
    }
  }
  async drop(folderId: Hash): Promise<void> {
    try {
      const name = await (await this.sealOf()).name(folderId);
      await run('readwrite', (s) => s.delete(name));
    } catch {
      // nothing is kept in this browser
    }
  }
}
/** Everything kept on this device, whoever sealed it. */
export async function forgetLocal(): Promise<void> {
  await run('readwrite', (s) => s.clear()).catch(() => undefined);
}
