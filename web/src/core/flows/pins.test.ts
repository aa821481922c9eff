// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { StateFolder, StateGrant } from '../formats/state.js';
import { CoreError, type Address, type Hash } from '../types.js';
import { cardHolds, cardPinned } from './pins.js';

const rivera: Address = `0x${'11'.repeat(20)}`;
const chen: Address = `0x${'22'.repeat(20)}`;
const card = (n: number): Hash => `0x${String(n).padStart(64, '0')}`;
const given = (account: Address, cardHash: Hash, issued: number, ended = 0): StateGrant => ({
  holder: account, account, name: '', cardHash, recipient: '', permissions: 1, notBefore: 0, notAfter: 1, issued, ended,
});
const stateOf = (...folders: StateGrant[][]) => ({ folders: folders.map((grants) => ({ grants }) as StateFolder) });
const refusal = (f: () => void): string => {
  try {
    f();
    return '';
  } catch (e) {
    return e instanceof CoreError ? e.code : String(e);
  }
};

describe('the card of somebody who was shared with before', () => {
  it('is that of the newest grant in any folder, ended ones too', () => {
    const s = stateOf([given(rivera, card(1), 10), given(chen, card(9), 99)], [given(rivera, card(2), 30, 40)], [given(rivera, card(3), 20)]);
    expect(cardPinned(s, rivera)).toBe(card(2));
    expect(cardPinned(stateOf([given(chen, card(9), 1)]), rivera)).toBeNull();
  });
  it('is believed at first use', () => expect(refusal(() => cardHolds(stateOf([]), rivera, card(1), {}))).toBe(''));
  it('goes on to be believed', () => expect(refusal(() => cardHolds(stateOf([given(rivera, card(1), 1)]), rivera, card(1), { shown: card(1) }))).toBe(''));
  it('is refused when it has changed, though it is the one that was shown', () => {
    const s = stateOf([given(rivera, card(1), 1, 5)]);
    expect(refusal(() => cardHolds(s, rivera, card(2), { shown: card(2) }))).toBe('E_CARD_CHANGED');
    expect(refusal(() => cardHolds(s, rivera, card(2), { shown: card(2), compared: card(1) }))).toBe('E_CARD_CHANGED');
  });
  it('may have changed when the person compared this very card', () => {
    expect(refusal(() => cardHolds(stateOf([given(rivera, card(1), 1)]), rivera, card(2), { shown: card(2), compared: card(2) }))).toBe('');
  });
  it('must be the one that was shown', () => expect(refusal(() => cardHolds(stateOf([]), rivera, card(2), { shown: card(1) }))).toBe('E_CARD_CHANGED'));
});
