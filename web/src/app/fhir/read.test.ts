// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { difference } from '../chart/difference';
import { age } from '../state/words';
import { nameOn, titleOf } from './read';
import { unitWord } from './value';

beforeAll(() => {
  vi.stubGlobal('localStorage', { getItem: () => 'en' });
  vi.stubGlobal('navigator', { languages: ['en-GB'] });
});
const as = (text: string): JsonObject => parseJson(text) as JsonObject;

describe('units', () => {
  it.each([['mm[Hg]', 'mmHg'], ['10*6/uL', '10⁶/µL'], ['kg/m2', 'kg/m²'], ['{score}', ''], ['1', ''], ['/min', '/min'], ['mg/dL', 'mg/dL'], ['ug/L', 'µg/L'], ['μg/l', 'µg/L'], ['mmol/l', 'mmol/L'], ['MU/l', 'MU/L'], ['mL/min/{1.73_m2}', 'mL/min/1.73 m²']])('%s reads %s', (u, want) => {
    expect(unitWord(u)).toBe(want);
  });
});
describe('titles', () => {
  it('name a medication that is a resource of its own', () => {
    const request = as('{"resourceType":"MedicationRequest","medicationReference":{"reference":"urn:uuid:1"}}');
    const medication = as('{"resourceType":"Medication","code":{"text":"Vancomycin"}}');
    expect(titleOf(request, (ref) => (ref === 'urn:uuid:1' ? medication : undefined))).toBe('Vancomycin');
    expect(titleOf(request)).toBe('MedicationRequest');
  });
  it('name no medication by a reference that is missing', () => {
    const request = as('{"resourceType":"MedicationRequest","medicationReference":{"identifier":{"value":"0815"}}}');
    expect(titleOf(request, () => as('{"resourceType":"AllergyIntolerance","code":{"text":"Penicillin"}}'))).toBe('MedicationRequest');
  });
  it('name a medication that is inside the resource', () => {
    expect(titleOf(as('{"resourceType":"MedicationRequest","contained":[{"resourceType":"Medication","id":"m","code":{"text":"Methotrexate"}}],"medicationReference":{"reference":"#m"}}'))).toBe('Methotrexate');
  });
  it('name an allergy without a code by its substance', () => {
    expect(titleOf(as('{"resourceType":"AllergyIntolerance","reaction":[{"substance":{"text":"Bee venom"},"manifestation":[{"text":"Urticaria"}]}]}'))).toBe('Bee venom');
  });
});
describe('the name of a person', () => {
  const name = (names: string): string => nameOn(as(`{"resourceType":"Patient","name":[${names}]}`), '2026-03-01');
  it.each([
    ['{"use":"official","given":["Abe604","Lee12"],"family":"Frami345"}', 'Abe Lee Frami'],
    ['{"given":["Patient"],"family":"Test2"}', 'Patient Test2'], ['{"text":"Heinrich Reuss 72"}', 'Heinrich Reuss 72'],
    ['{"use":"old","family":"Huber"},{"use":"usual","family":"Meier"}', 'Meier'],
    ['{"use":"official","family":"Huber","period":{"end":"2020"}},{"family":"Meier"}', 'Meier'],
    ['{"use":"maiden","family":"Huber"},{"use":"official","family":"Meier","period":{"end":"2026"}}', 'Meier'],
    ['{"use":"nickname","text":"Max"},{"use":"official","text":"Maximilian"}', 'Maximilian'], ['{"use":"old","family":"Huber"}', 'Huber'], ['', ''],
  ])('is the one in use: %s', (names, want) => {
    expect(name(names)).toBe(want);
  });
});
describe('an age', () => {
  it.each([
    ['2026-03-01', '0 days'], ['2026-02-28', '1 day'], ['2026-02-01', '4 weeks'], ['2025-12-02', '12 weeks'], ['2025-12-01', '3 months'], ['2025-02-28', '12 months'], ['2024-03-02', '23 months'],
    ['2024-03-01', '2 years'], ['1986-03-02', '39 years'], ['2026-02', '1 month'], ['2026', 'under 1 year'], ['2025', '1 year'], ['1950', '76 years'], ['2027-01-01', ''], ['unknown', ''],
  ])('of who was born %s is %s', (birth, want) => {
    expect(age(birth, new Date(2026, 2, 1))).toBe(want);
  });
});
describe('the difference of two versions', () => {
  it('shows a decimal that was only written otherwise', () => {
    expect(difference('{"value":0.010,"unit":"g"}', '{"value":0.01,"unit":"g"}').filter((l) => l.kind !== ' ')).toEqual([
      { kind: '-', text: ' "value": 0.010,' },
      { kind: '+', text: ' "value": 0.01,' },
    ]);
  });
  it('of the same is no line', () => {
    expect(difference('{"a":[1,{"b":null}]}', '{ "a" : [1, {"b": null}] }')).toEqual([]);
  });
  const drugs = (n: number, last: string, first = 'drug'): string => JSON.stringify([first, ...Array.from({ length: n }, (_, i) => `drug ${i}`), last]);
  it('is found however far down', () => {
    expect(difference(drugs(9000, 'warfarin 5 mg'), drugs(9000, 'warfarin 50 mg'))).toEqual([{ kind: '-', text: ' "warfarin 5 mg"' }, { kind: '+', text: ' "warfarin 50 mg"' }]);
  });
  it('says that it is cut, where it is', () => {
    const found = difference(drugs(3100, 'warfarin 5 mg', 'one'), drugs(3100, 'warfarin 50 mg', 'two'));
    expect(found.map((l) => l.kind)).toEqual(['!', '-', '+', '!']);
    expect(found[0]!.text).toContain('Only the first 3,000 lines');
  });
});
