// SPDX-License-Identifier: Apache-2.0
// Who can be unlocked on this device: profiles in IndexedDB. Their age files are sealed; nothing else is secret.
import { CoreError, type Address, type Profile, type ProfileStore } from './types.js';

const DB = 'ehrd';
const STORE = 'profiles';

function ask<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(new CoreError('E_IO', 'this browser does not keep data for the page', { cause: r.error }));
  });
}
function open(): Promise<IDBDatabase> {
  const r = indexedDB.open(DB, 1);
  r.onupgradeneeded = () => r.result.createObjectStore(STORE, { keyPath: 'account' });
  return ask(r);
}
async function run<T>(mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await ask(f(db.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    db.close();
  }
}
export const indexedProfiles: ProfileStore = {
  list: () => run<Profile[]>('readonly', (s) => s.getAll() as IDBRequest<Profile[]>),
  async put(p: Profile) {
    await run('readwrite', (s) => s.put(p));
  },
  async remove(account: Address) {
    await run('readwrite', (s) => s.delete(account));
  },
};
