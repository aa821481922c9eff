// SPDX-License-Identifier: Apache-2.0
// The core is loaded after the first screen shows.
export type * from '../../core/types';
export type * from '../../core/api';

type Core = typeof import('../../core/index');
let loading: Promise<Core> | undefined;
export function core(): Promise<Core> {
  return (loading ??= import('../../core/index').then((c) => {
    c.useSealWorker(() => new Worker(new URL('../../core/seal.worker', import.meta.url), { type: 'module' }));
    c.useScryptWorker(() => new Worker(new URL('../../core/scrypt.worker', import.meta.url), { type: 'module' }));
    return c;
  }));
}

export const VIEW = 1;
export const ADD = 2;
export const AMEND = 4;
export const REMOVE = 8;

/** The code of a failure of the core, or "" for others. */
export function codeOf(e: unknown): string {
  return e instanceof Error && 'code' in e && typeof e.code === 'string' ? e.code : '';
}
