// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import '@angular/localize/init';
import { expect, it, vi } from 'vitest';

vi.stubGlobal('localStorage', { getItem: () => 'en' });
const { isUnchecked } = await import('./activity');

it('a visit that changed something does not count as signed', () => {
  const visit = (refused: boolean, ...signed: (boolean | null)[]) => ({ refused, entries: signed.map((s) => ({ signed: s })) });
  expect(isUnchecked(visit(false, true, null))).toBe(true);
  expect(isUnchecked(visit(false, true, true))).toBe(false);
  expect(isUnchecked(visit(true, null))).toBe(false); // of a refusal nothing is said
});
