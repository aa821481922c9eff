// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { AddItem, Meta } from '../state/core';
import { successor } from './successor';

const was = { title: 'Letter', category: 'notes', creation: '2024-03-01' } as Meta;
const file = { title: 'scan.pdf', category: 'other', creation: '', contentType: 'application/pdf', size: 9 } as AddItem;

describe('a new version of a record', () => {
  it('keeps title, date and kind where the new file does not say them', () => {
    expect(successor(was, file)).toEqual({ ...file, title: 'Letter', category: 'notes', creation: '2024-03-01' });
  });
  it('has the date and kind that its own content says', () => {
    expect(successor(was, { ...file, category: 'results', creation: '2025-01-02' })).toMatchObject({ category: 'results', creation: '2025-01-02' });
  });
  it('of a record of no kind has none either', () => expect(successor({ ...was, category: '' }, file).category).toBe('other'));
});
