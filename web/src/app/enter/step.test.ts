// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { AccountFacts } from '../state/core';
import { stepOf } from './step';

const facts = (more: object = {}): AccountFacts => ({ isRegistrar: false, status: 'active', role: 'patient', keyCardHash: null, ...more }) as unknown as AccountFacts;

describe('a person who is registered and has no card', () => {
  it('gets one by the name that the device knows', () => expect(stepOf(facts(), 'Ada')).toBe('publish'));
  it.each(['', ' '])('is asked for a name where it knows none', (name) => expect(stepOf(facts(), name)).toBe('name'));
});
it.each([
  ['is not registered', { status: 'none', role: null }, 'wait'],
  ['is suspended', { status: 'suspended' }, 'wait'],
  ['is over', { status: 'expired' }, 'wait'],
  ['has a card', { keyCardHash: '0x1' }, 'home'],
  ['is an administrator', { isRegistrar: true, status: 'none' }, 'home'],
])('a person who %s is asked for no name', (_n, more, step) => expect(stepOf(facts(more), '')).toBe(step));
