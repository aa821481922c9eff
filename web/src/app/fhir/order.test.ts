// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { newestFirst } from './order';
import { rows, toEntry } from './summary';
import type { Resource } from './read';

describe('the order of dates', () => {
  it('is that of the instants, whatever their offsets are', () => {
    const [early, late] = ['2026-03-01T23:30:00+02:00', '2026-03-01T22:00:00Z'];
    expect([early, late].sort(newestFirst)).toEqual([late, early]);
    expect([late, early].sort(newestFirst)).toEqual([late, early]);
  });
  it('has the undated last, and a day before what happened on it', () => {
    expect(['', '2025', '2026-03-01', '2026-03-01T08:00:00Z', '2026-04'].sort(newestFirst)).toEqual(['2026-04', '2026-03-01T08:00:00Z', '2026-03-01', '2025', '']);
  });
  it('is the order of the rows of a section', () => {
    const seen = (title: string, date: string) => toEntry('r', null, { resourceType: 'Procedure', status: 'completed', code: { text: title }, performedDateTime: date } as unknown as Resource);
    expect(rows([seen('first', '2026-03-01T23:30:00+02:00'), seen('second', '2026-03-01T22:00:00Z')]).map((r) => r.title)).toEqual(['second', 'first']);
  });
});
