// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { dosageText } from './dosage';
import { slim } from './slim';

beforeAll(() => {
  vi.stubGlobal('localStorage', { getItem: () => 'en' });
});
const as = (text: string): JsonObject => parseJson(text) as JsonObject;
/** In words; the same of what a chart keeps in memory. */
function told(resource: string): string {
  const text = dosageText(as(resource), 'see the entry');
  expect(dosageText(slim(as(resource)), 'see the entry')).toBe(text);
  return text;
}
const steps = (...dosage: string[]): string => told(`{"resourceType":"MedicationRequest","dosageInstruction":[${dosage.join(',')}]}`);
const dose = (v: string): string => `"doseAndRate":[{"doseQuantity":${v}}]`;
const mg = dose('{"value":10,"unit":"mg"}');
const repeat = (v: string): string => `{"timing":{"repeat":{${v}}}}`;
const given = (v: string): string => told(`{"resourceType":"MedicationAdministration","dosage":{${v}}}`);

describe('a dosage', () => {
  it('is in the words of its author, each of its steps', () => {
    expect(steps('{"text":"2 a day for a week"}', '{"text":"then 1 a day"}')).toBe('2 a day for a week · then 1 a day');
    expect(steps(`{"text":"as the doctor says",${mg}}`)).toBe('as the doctor says');
  });
  it('is put into words where it is in codes', () => {
    // As Synthea writes it.
    expect(steps('{"sequence":1,"timing":{"repeat":{"frequency":1,"period":1.0,"periodUnit":"d"}},"asNeededBoolean":false,"doseAndRate":[{"type":{"coding":[{"code":"ordered"}]},"doseQuantity":{"value":1.0}}]}')).toBe('1 (unit not stated), once a day');
    expect(steps(`{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon"]}},${mg},"route":{"text":"by mouth"}}`)).toBe('10 mg, once a week, on Monday, by mouth');
    expect(steps('{"asNeededCodeableConcept":{"text":"rib pain"},"timing":{"repeat":{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}},"doseAndRate":[{"doseRange":{"low":{"value":1,"unit":"{tbl}"},"high":{"value":2,"unit":"{tbl}"}}}],"maxDosePerPeriod":{"numerator":{"value":8,"unit":"{tbl}"},"denominator":{"value":1,"unit":"d"}}}'))
      .toBe('1–2 tbl, every 4–6 hours, as needed for: rib pain, at most 8 tbl in 1 d');
    expect(steps('{"doseAndRate":[{"rateRatio":{"numerator":{"value":500,"unit":"mL"},"denominator":{"value":4,"unit":"h"}}}],"timing":{"code":{"text":"now"}},"patientInstruction":"lie down"}')).toBe('at a rate of 500 mL in 4 h, now, lie down');
    expect(steps('{"asNeededBoolean":true}')).toBe('as needed');
  });
  it('without how often says so', () => {
    expect(steps(`{${mg}}`)).toBe('10 mg, how often is not stated');
    expect(steps(`{${mg},"asNeededBoolean":true}`)).toBe('10 mg, as needed');
    expect(given('"dose":{"value":5.0,"unit":"mg"},"route":{"text":"i.v."}')).toBe('5 mg, i.v.');
  });
  it('goes by the sequence of its steps', () => {
    const step = (sequence: number, value: number): string => `{"sequence":${sequence},${dose(`{"value":${value},"unit":"mg"}`)},"timing":{"code":{"text":"daily"}}}`;
    expect(steps(step(2, 5), step(1, 10))).toBe('10 mg, daily · then: 5 mg, daily');
    expect(steps(step(1, 5), step(1, 10))).toBe('5 mg, daily · 10 mg, daily');
  });
  it.each([['1.0', '1'], ['0.50', '0.5'], ['100', '100'], ['2.25', '2.25'], ['10.10', '10.1']])('of %s has no zero behind that could be read as ten', (value, want) => {
    expect(given(`"dose":{"value":${value},"unit":"mg"}`)).toBe(`${want} mg`);
  });
  it.each([
    ['an extension', `{"extension":[{"url":"urn:x"}],${mg}}`], ['an extension of a member', `{"_sequence":{"extension":[]},${mg}}`], ['of a timing', `{"timing":{"extension":[{"url":"urn:days"}],"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},${mg}}`],
    ['a modifier', `{"modifierExtension":[{"url":"urn:x"}],${mg}}`], ['of STU3', '{"doseRange":{"low":{"value":1},"high":{"value":2}}}'], ['of R5', `{"asNeededFor":[{"text":"pain"}],${mg}}`],
    ['moments', `{"timing":{"event":["2024-01-01"]},${mg}}`], ['two doses', '{"doseAndRate":[{"doseQuantity":{"value":1}},{"doseQuantity":{"value":2}}]}'], ['a calculated one', '{"doseAndRate":[{"type":{"coding":[{"code":"calculated"}]},"doseQuantity":{"value":1}}]}'],
    ['a comparator', `{${dose('{"value":1,"comparator":"<","unit":"mg"}')}}`], ['an exponent', `{${dose('{"value":1e3,"unit":"mg"}')}}`], ['a negative one', `{${dose('{"value":-1,"unit":"mg"}')}}`],
    ['a dose that is no list', '{"doseAndRate":{"doseQuantity":{"value":1}},"timing":{"code":{"text":"daily"}}}'], ['an empty one', `{"doseAndRate":[{}],"timing":{"code":{"text":"daily"}}}`], ['a limit without its time', `{${mg},"maxDosePerPeriod":{"numerator":{"value":8,"unit":"mg"}}}`],
    ['nothing', '{}'], ['a null', `{"timing":null,${mg}}`], ['a number for a timing', `{"timing":3,${mg}}`], ['a reason without words', `{"asNeededCodeableConcept":{},${mg}}`],
  ])('with %s is not put into words', (_, step) => {
    expect(steps(step)).toBe('see the entry');
  });
  it('keeps an advice beside what is not understood', () => {
    expect(steps('{"patientInstruction":"with food","doseAndRate":[{"doseQuantity":{"value":1,"comparator":"<"}}]}')).toBe('with food · see the entry');
    expect(steps('{"patientInstruction":"with food","extension":[{"url":"urn:x"}]}')).toBe('with food · see the entry');
  });
  it('of none is nothing', () => {
    expect(told('{"resourceType":"MedicationRequest","status":"active"}')).toBe('');
  });
});
describe('a timing', () => {
  it.each([
    ['"frequency":3,"period":1,"periodUnit":"d"', '3 times a day'], ['"frequency":2,"frequencyMax":3,"period":1,"periodUnit":"d"', '2–3 times a day'], ['"frequency":1,"period":8,"periodUnit":"h"', 'every 8 hours'],
    ['"frequency":2,"period":3,"periodUnit":"wk"', '2 times in 3 weeks'], ['"frequency":1,"period":1,"periodMax":2,"periodUnit":"d"', 'every 1–2 days'], ['"frequency":1,"period":0.5,"periodUnit":"h"', 'every 0.5 hours'],
    ['"frequency":1,"period":1,"periodUnit":"mo","count":6', 'once a month, 6 times in all'], ['"frequency":1,"period":4,"periodUnit":"wk","duration":3,"durationUnit":"h"', 'every 4 weeks, each for 3 hours'],
    ['"dayOfWeek":["mon","thu"],"timeOfDay":["08:00:00","20:30:00"]', 'on Monday and Thursday, at 08:00 and 20:30'], ['"when":["MORN","HS"]', 'in the morning and before going to sleep'],
    ['"frequency":1,"period":1,"periodUnit":"d","when":["ACM"],"offset":30', 'once a day, 30 minutes before breakfast'],
    ['"frequency":1,"period":1,"periodUnit":"d","boundsDuration":{"value":7,"unit":"days","code":"d"}', 'once a day, for 7 days'],
    ['"frequency":1,"period":1,"periodUnit":"d","boundsRange":{"low":{"value":7,"code":"d"},"high":{"value":10,"code":"d"}}', 'once a day, for 7–10 days'],
    ['"frequency":1,"period":1,"periodUnit":"d","boundsPeriod":{"start":"2021-01-06","end":"2021-02-06"}', 'once a day, from Jan 6, 2021 to Feb 6, 2021'],
    ['"frequency":1,"period":1,"periodUnit":"d","boundsPeriod":{"end":"2021-02-06"}', 'once a day, until Feb 6, 2021'],
  ])('%s', (v, want) => {
    expect(steps(repeat(v))).toBe(want);
  });
  it.each([
    '"frequency":1', '"period":1,"periodUnit":"d"', '"frequency":1,"period":1,"periodUnit":"fortnight"', '"frequency":1,"period":1', '"when":["LUNCH"]', '"when":["MORN"],"offset":30', '"offset":30', '"dayOfWeek":["someday"]',
    '"dayOfWeek":"mon"', '"timeOfDay":["8:00"]', '"timeOfDay":["25:00:00"]', '"count":{}', '"countMax":3', '"duration":3', '"boundsPeriod":{}', '"boundsDuration":{"value":7,"unit":"moons"}', '"frequency":1,"period":1,"periodUnit":"d","pause":1',
    '"boundsRange":{"low":{"value":1,"code":"d"},"high":{"value":2,"code":"wk"}}', '"boundsDuration":{"value":7,"comparator":"<","code":"d"}', '"durationMax":3,"durationUnit":"h"', '"frequencyMax":2,"period":1,"periodUnit":"d"',
  ])('%s is not put into words', (v) => {
    expect(steps(repeat(v))).toBe('see the entry');
  });
  it('may be a code, within the bounds that are beside it', () => {
    const timing = (code: string, v = ''): string => steps(`{"timing":{"code":${code}${v && `,"repeat":{${v}}`}}}`);
    expect(timing('{"coding":[{"code":"BID"}]}')).toBe('2 times a day');
    expect(timing('{"coding":[{"code":"QOD"}]}')).toBe('every 2 days');
    expect(timing('{"coding":[{"code":"BID","display":"BID"}],"text":"morning and night"}')).toBe('morning and night');
    expect(timing('{"coding":[{"code":"Q6H","display":"every 6 hours"}]}', '"boundsDuration":{"value":3,"code":"d"}')).toBe('every 6 hours, for 3 days');
    expect(timing('{"text":"every second Monday"}', '"dayOfWeek":["x"]')).toBe('every second Monday');
    expect(timing('{"text":"daily"}', '"boundsPeriod":{"from":"x"}')).toBe('see the entry');
    expect(timing('{}')).toBe('see the entry');
  });
});
