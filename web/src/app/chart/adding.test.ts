// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import '@angular/localize/init';
import { describe, expect, it, vi } from 'vitest';
import { ended, faultOfAdding, type Upload } from './adding';

vi.stubGlobal('localStorage', { getItem: () => 'en' });
const at = (stage: Upload['stage']): Upload => ({ title: 'Letter', size: 1, stage, part: 0, recordId: null });
const error = (code: string): Error => Object.assign(new Error(code), { code });

describe('what was to be added, when it fails', () => {
  it('is not called missing where no answer came', () => {
    expect((['confirmed', 'confirming', 'waiting'] as const).map((s) => ended(at(s), 'E_UNKNOWN').stage)).toEqual(['confirmed', 'unknown', 'failed']);
    expect(faultOfAdding(error('E_UNKNOWN'), 0).next).toContain('Look whether it is');
  });
  it('is not added where it was refused', () => expect(ended(at('confirming'), 'E_REVERTED').stage).toBe('failed'));
  it.each(['E_CANCELLED', 'E_AWAY'])('is said to be there as far as it was confirmed: %s', (code) => {
    expect(faultOfAdding(error(code), 100).next).toContain('was added and stays');
    expect(faultOfAdding(error(code), 0).next).toContain('Nothing was');
  });
});
