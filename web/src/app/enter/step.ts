// SPDX-License-Identifier: Apache-2.0
// What is next for a person whose account is not in use yet.
import type { AccountFacts } from '../state/core';

/** name: the card needs one, and who signs in by a recovery code brings none. */
export type Step = 'home' | 'wait' | 'name' | 'publish';
export function stepOf(f: AccountFacts | null, name: string): Step {
  if (f?.isRegistrar) return 'home';
  if (f?.status !== 'active' || !f.role) return 'wait';
  if (f.keyCardHash) return 'home';
  return name.trim() === '' ? 'name' : 'publish';
}
