// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { difference } from '../chart/difference';
import { titleOf, unitWord, valueOf } from './read';
import { absence, isActiveAllergy, rows, toEntry, trends } from './summary';

const as = (text: string): JsonObject => parseJson(text) as JsonObject;
const same = (t: string): string => t;
const result = (date: string, value: string): JsonObject =>
  as(`{"resourceType":"Observation","effectiveDateTime":"${date}","code":{"coding":[{"system":"http://loinc.org","code":"2160-0","display":"Creatinine"}]},"valueQuantity":{"value":${value},"unit":"mg/dL"},"referenceRange":[{"low":{"value":0.50},"high":{"value":1.10}}]}`);

describe('units', () => {
  it.each([['mm[Hg]', 'mmHg'], ['10*6/uL', '10⁶/µL'], ['kg/m2', 'kg/m²'], ['{score}', ''], ['1', ''], ['/min', '/min'], ['mg/dL', 'mg/dL'], ['ug/L', 'µg/L'], ['mL/min/{1.73_m2}', 'mL/min/1.73 m²']])('%s reads %s', (u, want) => {
    expect(unitWord(u)).toBe(want);
  });
});
describe('values', () => {
  it('keep the text of a decimal', () => {
    expect(valueOf(result('2020-01-01', '0.010'), same)).toBe('0.010 mg/dL');
    expect(trends([toEntry('0x1', 0, result('2020-01-01', '1.00'))])[0]!.last.text).toBe('1.00');
  });
  it('of one test are one trend, oldest first, with the reference range as written', () => {
    const t = trends([toEntry('0x1', 0, result('2021-01-01', '0.9')), toEntry('0x2', 0, result('2020-01-01', '1.20'))]);
    expect(t).toHaveLength(1);
    expect(t[0]!.points.map((p) => p.text)).toEqual(['1.20', '0.9']);
    expect(t[0]).toMatchObject({ low: 0.5, high: 1.1, range: '0.50–1.10', last: { text: '0.9' } });
  });
});
describe('the summary', () => {
  const none = toEntry('0x1', 0, as('{"resourceType":"AllergyIntolerance","code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]}}'));
  const nut = toEntry('0x2', 0, as('{"resourceType":"AllergyIntolerance","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"Peanut"}}'));
  it('tells "none known" from "no information"', () => {
    expect(absence([])).toBe('no-information');
    expect(absence([none])).toBe('none-known');
    expect(absence([none, nut])).toBeNull();
  });
  it('puts active rows first and one code on one row', () => {
    const past = toEntry('0x3', 0, as('{"resourceType":"AllergyIntolerance","recordedDate":"2024","clinicalStatus":{"coding":[{"code":"resolved"}]},"code":{"text":"Latex"}}'));
    expect(rows([past, nut, nut], isActiveAllergy, () => '').map((r) => [r.title, r.active, r.entries.length])).toEqual([['Peanut', true, 2], ['Latex', false, 1]]);
  });
  it('names a medication that is a resource of its own', () => {
    const request = as('{"resourceType":"MedicationRequest","medicationReference":{"reference":"urn:uuid:1"}}');
    const medication = as('{"resourceType":"Medication","code":{"text":"Vancomycin"}}');
    expect(titleOf(request, (ref) => (ref === 'urn:uuid:1' ? medication : undefined))).toBe('Vancomycin');
    expect(titleOf(request)).toBe('MedicationRequest');
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
});
