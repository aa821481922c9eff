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
  it('tells to forget the device only where the device knows of a later folder list', () => {
    expect(of('E_STATE_OLDER').next).toContain('forget this device in Settings');
    for (const code of ['E_STATE', 'E_STATE_UNPROVED']) expect(of(code).next, code).toContain('Forgetting this device does not help.');
  });
  it('names the command that takes over a list of an older program, and no other list', () => {
    expect(of('E_STATE_UNPROVED').next).toContain('ehr recover NAME --accept-state');
    for (const code of ['E_STATE', 'E_STATE_OLDER']) expect(of(code).next, code).not.toContain('--accept-state');
  });
  it('has words for what it does not know', () => expect(of('E_NEW').what).toBe('The page could not finish this.'));
});
