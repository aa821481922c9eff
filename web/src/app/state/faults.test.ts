// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { describe, expect, it } from 'vitest';
import { faultOf } from './faults';

const of = (code: string) => faultOf(Object.assign(new Error('slot: the proof ends early'), { code }));

describe('a failure in words', () => {
  it('says what a failed check means, and keeps the technical words for the details', () => {
    for (const code of ['E_MISMATCH', 'E_DECRYPT', 'E_SIGNATURE', 'E_CORRUPT']) {
      const f = of(code);
      expect(f.what, code).toBe('What was stored is not what was signed.');
      expect(`${f.what} ${f.next}`).not.toContain('slot');
      expect(f.detail).toBe(`${code}: slot: the proof ends early`);
    }
  });
  it('tells that nothing was shared when a key card has changed', () => expect(of('E_CARD_CHANGED').next).toContain('Nothing was shared.'));
  it('has words for what it does not know', () => expect(of('E_NEW').what).toBe('The page could not finish this.'));
});
