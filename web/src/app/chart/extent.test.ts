// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { extent } from './extent';

describe('how much of a section is shown and printed', () => {
  it('prints everything that is in force', () => {
    expect(extent(40, 15, false, false)).toEqual({ shown: 6, printed: 15 });
    expect(extent(40, 2, false, false)).toEqual({ shown: 6, printed: 6 });
  });
  it('shows everything in force where that must be seen', () => expect(extent(40, 15, true, false)).toEqual({ shown: 15, printed: 15 }));
  it('shows and prints all that was asked for', () => expect(extent(40, 15, false, true)).toEqual({ shown: 40, printed: 40 }));
  it('is no more than there is', () => expect(extent(3, 3, true, false)).toEqual({ shown: 3, printed: 3 }));
});
