// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ADD, CoreError, REMOVE, VIEW } from '../types.js';
import { accepted } from './accept.js';

const now = 1_800_000_000;
const hour = { permissions: VIEW | ADD, duration: 3600 };
const codeOf = (f: () => unknown): string => {
  try {
    f();
    return '';
  } catch (e) {
    return e instanceof CoreError ? e.code : String(e);
  }
};

describe('accepting a request', () => {
  it('gives all that was asked for, to the second', () => expect(accepted(hour, {}, now)).toEqual({ permissions: VIEW | ADD, notAfter: now + 3600 }));
  it('gives less', () => expect(accepted(hour, { permissions: VIEW, notAfter: now + 60 }, now)).toEqual({ permissions: VIEW, notAfter: now + 60 }));
  it('never gives longer', () => expect(codeOf(() => accepted(hour, { notAfter: now + 3601 }, now))).toBe('E_RANGE'));
  it('never gives wider', () => {
    expect(codeOf(() => accepted(hour, { permissions: VIEW | REMOVE }, now))).toBe('E_RANGE');
    expect(codeOf(() => accepted(hour, { permissions: 16 }, now))).toBe('E_RANGE');
  });
  it('does not give nothing', () => {
    expect(codeOf(() => accepted(hour, { permissions: 0 }, now))).toBe('E_RANGE');
    expect(codeOf(() => accepted(hour, { notAfter: now }, now))).toBe('E_RANGE');
  });
});
