// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import '@angular/localize/init';
import { describe, expect, it, vi } from 'vitest';
import type { Resource } from '../fhir/read';
import { toEntry } from '../fhir/summary';
import { trends } from '../fhir/trend';
import { rowOf } from './plot';

vi.stubGlobal('localStorage', { getItem: () => null });
const troponin = (at: string, value: number) =>
  toEntry(at, null, { resourceType: 'Observation', status: 'final', code: { text: 'Troponin' }, effectiveDateTime: at, valueInteger: value } as unknown as Resource);

describe('the table beside a plot', () => {
  it('tells results of one day apart by their time, where it was written', () => {
    const [t] = trends(['2026-03-01', '2026-03-01T08:00:00+01:00', '2026-03-01T14:00:00+01:00'].map(troponin));
    const dates = t!.points.map((p) => rowOf(p, '').date);
    expect(dates.map((d) => /\d\d:\d\d$/.exec(d)?.[0] ?? '').sort()).toEqual(['', '08:00', '14:00']);
  });
});
