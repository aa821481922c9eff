// SPDX-License-Identifier: Apache-2.0
// People are told apart by their names; where a name repeats, an impostor may be among them.
import type { Address, Role } from '../state/core';

export interface Someone { account: Address; name: string; role: Role | null; }

/** Letters of other alphabets, and digits, that look like a Latin letter. */
const LOOKS_LIKE: Record<string, string> = {
  а: 'a', в: 'b', с: 'c', е: 'e', н: 'h', і: 'l', ј: 'j', к: 'k', м: 'm', о: 'o', р: 'p', ѕ: 's', т: 't', у: 'y', х: 'x', ԁ: 'd', ԛ: 'q', ԝ: 'w',
  α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'l', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', υ: 'u', χ: 'x', ı: 'l', ł: 'l', i: 'l', 1: 'l', 0: 'o',
};
/** What the eye takes for one name gives one text: without capitals, accents, spaces, dots, and with the letters that look alike. */
export function nameKey(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return [...plain].map((letter) => LOOKS_LIKE[letter] ?? letter).join('');
}
/** Accounts whose name somebody else has, too. */
export function namesakes(people: Pick<Someone, 'account' | 'name'>[]): Set<Address> {
  const byName = new Map<string, Set<Address>>();
  for (const p of people) {
    const key = nameKey(p.name);
    if (key) byName.set(key, (byName.get(key) ?? new Set<Address>()).add(p.account));
  }
  return new Set([...byName.values()].filter((same) => same.size > 1).flatMap((same) => [...same]));
}
