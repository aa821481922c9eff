// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { boundsOf, outside, rangeWords } from './range';
import { slim } from './slim';
import { toEntry, type Entry } from './summary';
import { drawn, pointText, trends, type Trend } from './trend';
import { judgement, quantity, valueOf, type Say } from './value';

const as = (text: string): JsonObject => parseJson(text) as JsonObject;
const say: Say = { decimal: (t) => t, date: (t) => t.slice(0, 10), yesNo: (is) => (is ? 'yes' : 'no'), missing: (reason, words) => `no value: ${words || reason}`, judged: (code, words) => code || words, samples: 'curve' };
let n = 0;
const entry = (resource: string): Entry => {
  const e = toEntry('0x1', n++, as(resource));
  return { ...e, resource: slim(e.resource) };
};
const LOINC = (code: string, display: string): string => `{"coding":[{"system":"http://loinc.org","code":"${code}","display":"${display}"}]}`;
const CREATININE = LOINC('2160-0', 'Creatinine');
const observation = (date: string, value: string, more = '', code = CREATININE): Entry =>
  entry(`{"resourceType":"Observation","status":"final","effectiveDateTime":"${date}","code":${code},${value}${more && `,${more}`}}`);
const amountOf = (value: string, unit = 'mg/dL', comparator = ''): string => `"valueQuantity":{"value":${value},"unit":"${unit}"${comparator && `,"comparator":"${comparator}"`}}`;
const ranged = (low: string, high: string): string => `"referenceRange":[{${[low && `"low":{"value":${low}}`, high && `"high":{"value":${high}}`].filter(Boolean).join(',')}}]`;
const texts = (t: Trend): string[] => t.points.map((p) => pointText(p, say));
const value = (v: string): string => valueOf(as(`{${v}}`), say);

describe('values', () => {
  it('keep the text of a decimal', () => {
    expect(value(amountOf('0.010'))).toBe('0.010 mg/dL');
    expect(texts(trends([observation('2020-01-01', amountOf('1.00'))])[0]!)).toEqual(['1.00']);
  });
  it.each([['<', '<0.01 ng/mL'], ['<=', '≤0.01 ng/mL'], ['>=', '≥0.01 ng/mL'], ['>', '>0.01 ng/mL'], ['ad', 'ad 0.01 ng/mL']])('keep the comparator %s', (c, want) => {
    expect(value(amountOf('0.01', 'ng/mL', c))).toBe(want);
  });
  it.each([
    ['"valueCodeableConcept":{"text":"Positive"}', 'Positive'], ['"valueString":"turbid"', 'turbid'], ['"valueBoolean":false', 'no'], ['"valueBoolean":true', 'yes'], ['"valueInteger":3', '3'],
    ['"valueRange":{"low":{"value":5,"unit":"mg"},"high":{"value":10,"unit":"mg"}}', '5–10 mg'], ['"valueRange":{"low":{"value":5,"unit":"mg"}}', '≥ 5 mg'], ['"valueRange":{"high":{"value":10}}', '≤ 10'],
    ['"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}', '1:128'], ['"valueRatio":{"numerator":{"value":5,"unit":"mg"},"denominator":{"value":10,"unit":"mL"}}', '5 mg / 10 mL'],
    ['"valueRatio":{"numerator":{"value":1,"comparator":"<"},"denominator":{"value":20}}', '<1:20'],
    ['"valueDateTime":"2024-05-01T10:30:00Z"', '2024-05-01, 10:30'], ['"valueTime":"10:30:00"', '10:30'], ['"valuePeriod":{"start":"2024-05-01","end":"2024-05-03"}', '2024-05-01 – 2024-05-03'],
    ['"valueSampledData":{"data":"1 2"}', 'curve'], ['"dataAbsentReason":{"coding":[{"code":"error"}]}', 'no value: error'], ['"dataAbsentReason":{"text":"haemolysed"}', 'no value: haemolysed'],
    ['"component":[{"code":{"text":"Systolic"},"valueQuantity":{"value":120,"unit":"mm[Hg]"}},{"code":{"text":"Diastolic"},"dataAbsentReason":{"coding":[{"code":"not-performed"}]}}]', 'Systolic 120 mmHg · Diastolic no value: not-performed'],
  ])('%s', (v, want) => {
    expect(value(v)).toBe(want);
  });
  it('have the interpretation of the laboratory, by its code', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
    expect(judgement(as(`{"interpretation":[{"coding":[{"system":"urn:local","code":"99"},{"system":"${system}","code":"HH"}]}]}`), say)).toBe('HH');
    expect(judgement(as('{"interpretation":[{"text":"doubtful"}]}'), say)).toBe('doubtful');
  });
});
describe('reference ranges', () => {
  const text = (r: string): string => rangeWords(as(`{${r}}`), 'mg/dL', say).text;
  it('of one side say which', () => {
    expect(text(ranged('', '300'))).toBe('≤ 300');
    expect(text(ranged('10', ''))).toBe('≥ 10');
    expect(text(ranged('0.50', '1.10'))).toBe('0.50–1.10');
    expect(text('"referenceRange":[{"text":"negative"}]')).toBe('negative');
  });
  it('of another unit are told with it and judge nothing', () => {
    const r = '"referenceRange":[{"high":{"value":6.1,"unit":"mmol/L"}}]';
    expect(text(r)).toBe('≤ 6.1 mmol/L');
    expect(boundsOf(as(`{${r}}`), 'mg/dL')).toEqual({ low: null, high: null });
  });
  it('of several persons or purposes judge nothing', () => {
    const two = '"referenceRange":[{"high":{"value":15},"appliesTo":[{"text":"female"}]},{"high":{"value":17},"appliesTo":[{"text":"male"}]}]';
    expect(text(two)).toBe('≤ 15 (female); ≤ 17 (male)');
    expect(boundsOf(as(`{${two}}`), '')).toEqual({ low: null, high: null });
    const aim = '"referenceRange":[{"type":{"coding":[{"code":"therapeutic","display":"Therapeutic Desired Level"}]},"low":{"value":2},"high":{"value":3}}]';
    expect(rangeWords(as(`{${aim}}`), '', say)).toEqual({ text: '2–3 (Therapeutic Desired Level)', isNormal: false });
    expect(boundsOf(as(`{${aim}}`), '').high).toBeNull();
  });
  it.each([
    ['"type":{"text":"Therapeutic range"}', 'Therapeutic range'],
    ['"type":{"coding":[{"display":"Therapeutic Desired Level"}]}', 'Therapeutic Desired Level'],
    ['"type":{"coding":[{"code":"therapeutic"}]}', 'therapeutic'],
  ])('of a purpose judge nothing and say it: %s', (type, words) => {
    const r = as(`{"referenceRange":[{${type},"low":{"value":10},"high":{"value":20}}]}`);
    expect(rangeWords(r, '', say)).toEqual({ text: `10–20 (${words})`, isNormal: false });
    expect(boundsOf(r, '')).toEqual({ low: null, high: null });
  });
  it('say for whom they are also when there is but one', () => {
    expect(text('"referenceRange":[{"high":{"value":15},"appliesTo":[{"text":"female"}]}]')).toBe('≤ 15 (female)');
    expect(text('"referenceRange":[{"high":{"value":15},"age":{"high":{"value":12,"unit":"a"}}}]')).toBe('≤ 15 (≤ 12 a)');
  });
  it('that call themselves normal in words or by code are', () => {
    for (const type of ['{"text":"Normal range"}', '{"text":"normal"}', '{"coding":[{"code":"normal","display":"Normal Range"}]}'])
      expect(rangeWords(as(`{"referenceRange":[{"type":${type},"high":{"value":15}}]}`), '', say)).toEqual({ text: '≤ 15', isNormal: true });
  });
  const out = (v: string, r: string): string | null => {
    const source = as(`{${v},${r}}`);
    const q = quantity(source['valueQuantity']!);
    return outside(source, q, boundsOf(source, 'mg/dL'));
  };
  it.each([
    ['100', '', '', '90', 'high'], ['90', '', '', '90', null], ['90', '>', '', '90', 'high'], ['90', '>=', '', '90', null], ['100', '>', '', '90', 'high'], ['80', '>', '', '90', null],
    ['0.01', '<', '', '0.04', null], ['0.01', '<', '0.4', '4', 'low'], ['5', '<', '', '3', null], ['0.3', '', '0.4', '', 'low'],
  ])('%s %s in %s–%s: %s', (v, c, low, high, want) => {
    expect(out(amountOf(v, 'mg/dL', c), ranged(low, high))).toBe(want);
  });
  it('is not what is only off the scale of the machine', () => {
    for (const code of ['<', '>']) expect(out(amountOf('0.6', 'mg/dL', code), `"interpretation":[{"coding":[{"code":"${code}"}]}]`)).toBeNull();
    expect(out(amountOf('5'), '"interpretation":[{"coding":[{"code":"H>"}]}]')).toBe('abnormal');
  });
  it('may be left to the laboratory', () => {
    expect(out(amountOf('5'), '"interpretation":[{"coding":[{"code":"HH"}]}]')).toBe('abnormal');
    expect(out(amountOf('5'), '"interpretation":[{"coding":[{"code":"N"}]}]')).toBeNull();
    expect(out('"valueString":"x"', '"interpretation":[{"coding":[{"code":"A"}]}]')).toBe('abnormal');
  });
});
describe('a trend', () => {
  it('is of one test, oldest first', () => {
    const t = trends([observation('2021-01-01', amountOf('0.9')), observation('2020-01-01', amountOf('1.20'))]);
    expect(t.map(texts)).toEqual([['1.20', '0.9']]);
    expect(pointText(t[0]!.last, say)).toBe('0.9');
  });
  it('does not join units that differ, and takes one unit written two ways for one', () => {
    const glucose = LOINC('2339-0', 'Glucose');
    const t = trends([observation('2021', amountOf('99'), '', glucose), observation('2022', amountOf('5.5', 'mmol/L'), '', glucose), observation('2023', amountOf('5.6', 'mmol/l'), '', glucose)]);
    expect(t.map((x) => [x.unit, texts(x)])).toEqual([['mmol/L', ['5.5', '5.6']], ['mg/dL', ['99']]]);
  });
  it('does not join tests that have only a name', () => {
    const named = (d: string): string => `{"coding":[{"display":"${d}"}]}`;
    expect(trends([observation('2021', amountOf('99'), '', named('Glucose')), observation('2021', amountOf('1'), '', named('Creatinine'))])).toHaveLength(2);
  });
  it('has components as tests of their own', () => {
    const bp = entry(`{"resourceType":"Observation","status":"final","effectiveDateTime":"2020","code":${LOINC('85354-9', 'BP')},"component":[{"code":${LOINC('8480-6', 'Systolic')},${amountOf('120', 'mm[Hg]')}},{"code":${LOINC('8462-4', 'Diastolic')},${amountOf('80', 'mm[Hg]')}}]}`);
    expect(trends([bp]).map((t) => [t.title, texts(t)])).toEqual([['Diastolic', ['80']], ['Systolic', ['120']]]);
  });
  it('says a value with a comparator and draws no point of it', () => {
    const t = trends([observation('2020', amountOf('0.05')), observation('2021', amountOf('0.01', 'mg/dL', '<'))])[0]!;
    expect(texts(t)).toEqual(['0.05', '<0.01']);
    expect(t.last).toMatchObject({ value: null, limit: { side: 'below', at: 0.01 } });
    expect(drawn(t).map((p) => p.value)).toEqual([0.05, null]);
  });
  it('holds coded results of the test, and those of no number at all', () => {
    const hiv = trends([observation('2021', '"valueCodeableConcept":{"text":"Positive"}', '', LOINC('7918-6', 'HIV 1 Ab'))]);
    expect(hiv.map((t) => [t.title, texts(t), drawn(t).length])).toEqual([['HIV 1 Ab', ['Positive'], 0]]);
    const mixed = trends([observation('2021', amountOf('0.05')), observation('2022', '"valueString":"not detected"')]);
    expect(mixed.map(texts)).toEqual([['0.05', 'not detected']]);
    expect(pointText(mixed[0]!.last, say)).toBe('not detected');
  });
  it('of several units leaves words to themselves', () => {
    expect(trends([observation('2021', amountOf('1')), observation('2022', amountOf('88', 'µmol/L')), observation('2023', '"valueString":"x"')]).map(texts)).toEqual([['x'], ['88'], ['1']]);
  });
  it('keeps a result without a date, in no curve', () => {
    const t = trends([entry(`{"resourceType":"Observation","code":${CREATININE},${amountOf('3')}}`)])[0]!;
    expect([texts(t), drawn(t)]).toEqual([['3'], []]);
  });
  it('does not take what was cancelled or not measured for the last value', () => {
    const t = trends([
      observation('2020', amountOf('4.1')),
      entry(`{"resourceType":"Observation","status":"cancelled","effectiveDateTime":"2021","code":${CREATININE},${amountOf('9.1')}}`),
      observation('2022', '"dataAbsentReason":{"text":"haemolysed"}'),
    ])[0]!;
    expect(texts(t)).toEqual(['4.1', '9.1', 'no value: haemolysed']);
    expect(pointText(t.last, say)).toBe('4.1');
    expect(drawn(t).map((p) => p.value)).toEqual([4.1]);
  });
  it('judges each value by its own range and shows that of the newest', () => {
    const t = trends([observation('2024', amountOf('140', 'U/L'), ranged('', '100')), observation('2010', amountOf('140', 'U/L'), ranged('', '300'))])[0]!;
    expect(t.points.map((p) => p.outside)).toEqual([null, 'high']);
    expect(t.last.bounds).toEqual({ low: null, high: 100 });
    const split = trends([observation('2024', amountOf('5'), ranged('1', '')), observation('2010', amountOf('5'), ranged('', '3'))])[0]!;
    expect(split.last.bounds).toEqual({ low: 1, high: null });
  });
  it('of what was asked comes after what was measured', () => {
    const survey = entry('{"resourceType":"Observation","status":"final","effectiveDateTime":"2025","category":[{"coding":[{"code":"survey"}]}],"code":{"text":"A question"},"valueString":"yes"}');
    expect(trends([survey, observation('2020', amountOf('1'))]).map((t) => t.title)).toEqual(['Creatinine', 'A question']);
  });
  it('is none of a panel that only has members', () => {
    expect(trends([entry('{"resourceType":"Observation","status":"final","code":{"text":"Panel"},"hasMember":[{"reference":"Observation/1"}]}')])).toEqual([]);
  });
});
