// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Address } from '../state/core';
import { nameKey, namesakes } from './people';

const at = (n: number): Address => `0x${String(n).padStart(40, '0')}`;

describe('names that repeat', () => {
  it('are one name to the eye, however they are written', () => {
    const known = nameKey('Dr. Elena Rivera');
    for (const impostor of ['dr elena rivera', 'Dr. Elena  Rivera', 'Dr. Elená Rivera', 'Dr. Еlеnа Rivеrа', 'Dr. E1ena Rivera', 'Dr. Elena\u200b Rivera', 'Ｄｒ． Elena Rivera'])
      expect(nameKey(impostor), impostor).toBe(known);
    for (const other of ['Dr. Elena Riviera', 'Elena Rivera', 'Dr. Wei Chen']) expect(nameKey(other), other).not.toBe(known);
  });
  it('name all their accounts, and nobody else', () => {
    const people = [{ account: at(1), name: 'Dr. Rivera' }, { account: at(2), name: 'Dr. Chen' }, { account: at(3), name: 'DR RIVERA' }];
    expect([...namesakes(people)].sort()).toEqual([at(1), at(3)]);
  });
  it('do not repeat when one account is named twice', () => {
    expect(namesakes([{ account: at(1), name: 'Dr. Rivera' }, { account: at(1), name: 'Dr. Rivera' }]).size).toBe(0);
  });
});
