// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { absenceNote, absenceTitle, absentWords, allergyWords, dosageWords, entryTitle, standingWords } from './words';
import { factsOf } from './facts';
import { standing } from './standing';
import { rows, toEntry, type Entry } from './summary';

beforeAll(() => {
  vi.stubGlobal('localStorage', { getItem: () => 'en' });
});
const entry = (text: string): Entry => toEntry('0x1', 0, parseJson(text) as JsonObject);
const short = (e: Entry): string => standingWords(standing(e.resource), e.type, true);
const long = (e: Entry): string => standingWords(standing(e.resource), e.type);
const concept = (code: string): string => `{"coding":[{"code":"${code}"}]}`;

describe('a title', () => {
  it.each([
    ['{"resourceType":"MedicationRequest","status":"active","doNotPerform":true,"medicationCodeableConcept":{"text":"Warfarin"}}', 'Do not give: Warfarin'],
    ['{"resourceType":"ServiceRequest","status":"active","doNotPerform":true,"code":{"text":"MRI"}}', 'Do not do: MRI'],
    ['{"resourceType":"Immunization","status":"not-done","vaccineCode":{"text":"Influenza"}}', 'Not given: Influenza'],
    ['{"resourceType":"Procedure","status":"not-done","code":{"text":"Appendectomy"}}', 'Not done: Appendectomy'],
    ['{"resourceType":"MedicationStatement","status":"not-taken","medicationCodeableConcept":{"text":"Aspirin"}}', 'Not taken: Aspirin'],
    [`{"resourceType":"AllergyIntolerance","verificationStatus":${concept('refuted')},"code":{"text":"Penicillin"}}`, 'Refuted: Penicillin'],
    [`{"resourceType":"Condition","verificationStatus":${concept('entered-in-error')},"code":{"text":"HIV"}}`, 'Entered in error: HIV'],
    ['{"resourceType":"MedicationRequest","status":"entered-in-error","doNotPerform":true,"medicationCodeableConcept":{"text":"Warfarin"}}', 'Entered in error: Do not give: Warfarin'],
  ])('says what it must not be read without: %s', (text, want) => {
    expect(entryTitle(entry(text))).toBe(want);
  });
});
describe('a status in words', () => {
  it('never calls a prohibition "in use" or a refuted allergy "active"', () => {
    expect(long(entry('{"resourceType":"MedicationRequest","status":"active","doNotPerform":true}'))).toBe('in force');
    expect(long(entry('{"resourceType":"MedicationRequest","status":"active"}'))).toBe('in use');
    expect(long(entry(`{"resourceType":"AllergyIntolerance","clinicalStatus":${concept('active')},"verificationStatus":${concept('refuted')}}`))).toBe('');
  });
  it('is short where it goes without saying', () => {
    expect(short(entry('{"resourceType":"Observation","status":"final"}'))).toBe('');
    expect(short(entry('{"resourceType":"Observation","status":"preliminary"}'))).toBe('preliminary');
    expect(short(entry('{"resourceType":"Encounter","status":"cancelled"}'))).toBe('cancelled');
    expect(short(entry('{"resourceType":"MedicationRequest","status":"on-hold"}'))).toBe('on hold');
  });
  it('tells doubts', () => {
    expect(long(entry(`{"resourceType":"Condition","clinicalStatus":${concept('active')},"verificationStatus":${concept('differential')}}`))).toBe('active, one of several possible');
  });
});
describe('the facts of an entry', () => {
  const facts = (text: string): string[] => factsOf(entry(text)).map((f) => `${f.name}: ${f.value}`);
  it('have comparator, interpretation, one-sided range and status', () => {
    expect(facts('{"resourceType":"Observation","status":"preliminary","code":{"text":"Troponin"},"valueQuantity":{"value":0.01,"comparator":"<","unit":"ng/mL"},"interpretation":[{"coding":[{"code":"N"}]}],"referenceRange":[{"high":{"value":0.04}}]}'))
      .toEqual(['Value: <0.01 ng/mL · normal · reference range ≤ 0.04', 'Status: preliminary']);
  });
  it('say "significantly high" and "off scale high" apart', () => {
    const judged = (code: string): string => facts(`{"resourceType":"Observation","status":"final","valueQuantity":{"value":5},"interpretation":[{"coding":[{"code":"${code}"}]}]}`)[0]!;
    expect(['H>', '>', 'L<', '<'].map(judged)).toEqual(['Value: 5 · markedly high', 'Value: 5 · above what can be measured', 'Value: 5 · markedly low', 'Value: 5 · below what can be measured']);
  });
  it('have each component with its own range', () => {
    expect(facts('{"resourceType":"Observation","status":"final","code":{"text":"BP"},"component":[{"code":{"text":"Systolic"},"valueQuantity":{"value":190,"unit":"mm[Hg]"},"referenceRange":[{"high":{"value":140,"unit":"mm[Hg]"}}]}]}'))
      .toEqual(['Systolic: 190 mmHg · above the reference range · reference range ≤ 140', 'Status: final']);
  });
  it('say why something was not done and what is forbidden', () => {
    expect(facts('{"resourceType":"Immunization","status":"not-done","statusReason":{"text":"refused"},"vaccineCode":{"text":"Influenza"}}')).toEqual(['Status: not done', 'Reason: refused']);
    expect(facts('{"resourceType":"CarePlan","status":"active","activity":[{"detail":{"status":"cancelled","doNotPerform":true,"code":{"text":"Bed rest"}}}]}')).toContain('Planned: Do not do: Bed rest · cancelled');
  });
});
describe('the dosage of a row', () => {
  const drug = (status: string, dosage: string, date = '2024'): Entry =>
    entry(`{"resourceType":"MedicationRequest","status":"${status}","authoredOn":"${date}","medicationCodeableConcept":{"text":"Methotrexate"},"dosageInstruction":[${dosage}]}`);
  const told = (...entries: Entry[]): string[] => rows(entries).map(dosageWords);
  const [once, twice, coded] = ['{"text":"1 a week"}', '{"text":"2 a week"}', '{"doseAndRate":[{"doseQuantity":{"value":10,"unit":"mg"}}]}'];
  it('is that of every entry in force', () => {
    expect(told(drug('active', once, '2024'), drug('active', twice, '2023'), drug('completed', '{"text":"3 a week"}', '2025'))).toEqual(['2 dosages in force: 1 a week | 2 a week']);
    expect(told(drug('active', once), drug('active', once, '2020'))).toEqual(['1 a week']);
    expect(told(drug('stopped', once))).toEqual(['1 a week']);
  });
  it('in codes alone is no bare dose', () => {
    expect(told(drug('active', coded))).toEqual(['10 mg, how often is not stated']);
    expect(factsOf(drug('active', coded)).find((f) => f.name === 'Dosage')?.value).toBe('10 mg, how often is not stated');
    const strange = coded.replace('"doseAndRate"', '"extension":[{"url":"urn:x"}],"doseAndRate"');
    expect(told(drug('active', strange))).toEqual(['see the entry for the dosage']);
    expect(factsOf(drug('active', strange)).find((f) => f.name === 'Dosage')?.value).toBe('in codes only: see “Everything in this entry”');
  });
});
describe('none known', () => {
  const said = (verified: string, code = '716186003', more = ''): Entry =>
    entry(`{"resourceType":"AllergyIntolerance","verificationStatus":${concept(verified)},"code":{"coding":[{"system":"http://snomed.info/sct","code":"${code}"}],"text":"No known allergy"}${more}}`);
  const head = (...entries: Entry[]): string => allergyWords(entries, false, false);
  it('is told with its doubts', () => {
    expect(absenceNote(said('unconfirmed'))).toBe('unconfirmed');
    expect(absenceNote(said('confirmed'))).toBe('');
    expect(head(said('unconfirmed'))).toBe('none known (unconfirmed)');
    expect(head(said('confirmed'))).toBe('none known');
    expect(head(said('unconfirmed', '409137002'))).toBe('No known drug allergy (unconfirmed); no information on others');
    expect(head(said('confirmed', '716186003', ',"modifierExtension":[{"url":"http://x"}]'))).toBe('No known allergy (has a qualification that is not shown here: read the entry)');
  });
  it('is not believed by its code against its own text', () => {
    const coded = (text: string, code = '716186003', display = 'No known allergy'): Entry =>
      entry(`{"resourceType":"AllergyIntolerance","clinicalStatus":${concept('active')},"code":{"coding":[{"code":"${code}","display":"${display}"}],"text":"${text}"}}`);
    const exception = 'No known allergies except penicillin (anaphylaxis 2019)';
    expect(head(coded(exception))).toBe(exception);
    expect(head(coded('No known drug allergies'))).toBe('No known drug allergy; no information on others');
    expect(head(coded('No known food allergies', '409137002'))).toBe('No known food allergies');
    for (const text of ['', 'NKA', 'Keine Allergien bekannt.', 'No known allergy (situation)']) expect(head(coded(text))).toBe('none known');
    expect(head(coded('Aucune allergie connue', '716186003', 'Aucune allergie connue'))).toBe('none known');
    expect(head(coded('No information about allergies', 'no-allergy-info', ''))).toBe('no information');
  });
  it('is said only where all is open', () => {
    expect(allergyWords([said('confirmed')], true, true)).toBe('reading…');
    expect(absentWords(true, true)).toBe('Not known yet: still reading…');
    expect(absentWords(false, true)).toBe('Not known: not every record could be opened');
    expect(absentWords(false, false)).toBe('No information in this folder');
    expect(allergyWords([said('confirmed')], false, true)).toBe('not known, since not everything could be opened');
  });
  it('of drugs has its own title', () => {
    expect(absenceTitle(entry('{"resourceType":"AllergyIntolerance","code":{"coding":[{"system":"http://snomed.info/sct","code":"409137002"}]}}'))).toBe('No known drug allergy');
    expect(absenceTitle(entry('{"resourceType":"AllergyIntolerance","code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]}}'))).toBe('None known');
  });
});
