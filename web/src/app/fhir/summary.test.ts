// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { absence } from './absence';
import { slim } from './slim';
import { rows, toEntry, type Entry } from './summary';

let n = 0;
const entry = (type: string, more: string, find?: (ref: string) => JsonObject | undefined): Entry => {
  const e = toEntry('0x1', n++, parseJson(`{"resourceType":"${type}",${more}}`) as JsonObject, find);
  return { ...e, resource: slim(e.resource) };
};
const concept = (code: string): string => `{"coding":[{"code":"${code}"}]}`;
const snomed = (code: string, display: string, text = ''): string => `{"coding":[{"system":"http://snomed.info/sct","code":"${code}","display":"${display}"}]${text && `,"text":"${text}"`}}`;
const allergy = (code: string, clinical = 'active', verified = 'confirmed', date = '2020'): Entry =>
  entry('AllergyIntolerance', `"code":${code},"recordedDate":"${date}","clinicalStatus":${concept(clinical)},"verificationStatus":${concept(verified)}`);
const titles = (entries: Entry[]): string[] => rows(entries).map((r) => r.title);
const brief = (entries: Entry[]): [string, string, boolean][] => rows(entries).map((r) => [r.title, r.standing.weight, r.isInForce]);

describe('rows', () => {
  it('have active ones first and one code on one row', () => {
    const [past, nut] = [allergy('{"text":"Latex"}', 'resolved'), allergy('{"text":"Peanut"}')];
    expect(rows([past, nut, nut]).map((r) => [r.title, r.isInForce, r.entries.length])).toEqual([['Peanut', true, 2], ['Latex', false, 1]]);
  });
  it('of one thing once over and once active show the active one', () => {
    expect(brief([allergy('{"text":"Latex"}', 'resolved', 'confirmed', '2024'), allergy('{"text":"Latex"}', 'active', 'confirmed', '2010')])).toEqual([['Latex', 'active', true]]);
    expect(rows([allergy('{"text":"Latex"}', 'resolved', 'confirmed', '2024'), allergy('{"text":"Latex"}', 'active', 'confirmed', '2010')])[0]!.date).toBe('2010');
  });
  it('keep what is refuted by itself and out of force', () => {
    const penicillin = snomed('91936005', 'Allergy to penicillin');
    expect(brief([allergy(penicillin, 'active', 'refuted', '2024')])).toEqual([['Allergy to penicillin', 'not', false]]);
    expect(brief([allergy(penicillin, 'active', 'refuted', '2024'), allergy(penicillin)])).toEqual([['Allergy to penicillin', 'active', true], ['Allergy to penicillin', 'not', false]]);
  });
  it('keep a prohibition apart from a prescription of the same', () => {
    const warfarin = '"medicationCodeableConcept":{"text":"Warfarin"}';
    const found = rows([entry('MedicationRequest', `${warfarin},"status":"active","doNotPerform":true`), entry('MedicationRequest', `${warfarin},"status":"completed"`)]);
    expect(found.map((r) => [r.standing.negations, r.isInForce])).toEqual([[['do-not-give'], true], [[], false]]);
  });
  it('do not merge vaccinations given with those not given', () => {
    const flu = '"vaccineCode":{"text":"Influenza"}';
    expect(brief([entry('Immunization', `${flu},"status":"not-done"`), entry('Immunization', `${flu},"status":"completed"`)])).toEqual([['Influenza', 'active', true], ['Influenza', 'not', false]]);
  });
});
describe('one row is one thing', () => {
  it('codings of display alone are told apart by it', () => {
    const shown = (d: string): Entry => entry('Condition', `"code":{"coding":[{"display":"${d}"}]}`);
    expect(titles([shown('Diabetes'), shown('Epilepsy'), shown('Diabetes')]).sort()).toEqual(['Diabetes', 'Epilepsy']);
  });
  it('a general code is told apart by the text', () => {
    const general = (text: string): Entry => allergy(snomed('419199007', 'Allergy to substance', text));
    expect(titles([general('Penicillin'), general('Latex')]).sort()).toEqual(['Latex', 'Penicillin']);
  });
  it('a general code is told apart by the text also where another coding has the same words', () => {
    const both = (name: string, text = name): Entry => allergy(`{"coding":[{"system":"http://snomed.info/sct","code":"419199007","display":"Allergy to substance"},{"system":"urn:local","code":"${name[0]}","display":"${name}"}],"text":"${text}"}`);
    expect(titles([both('Latex'), both('Peanut')]).sort()).toEqual(['Latex', 'Peanut']);
    expect(rows([both('Latex', 'Allergy to substance'), both('Peanut', 'Allergy to substance')])).toHaveLength(2);
    expect(rows([both('Latex'), both('Latex')])).toHaveLength(1);
  });
  it('a general code without a text is told apart by the other codings', () => {
    const drug = (...others: string[]): Entry => entry('MedicationRequest', `"status":"active","medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"N02","display":"Analgesics"},${others.join(',')}]}`);
    const [ibuprofen, local] = ['{"system":"urn:local","code":"1","display":"Ibuprofen"}', '{"system":"urn:other","code":"x","display":"Brufen"}'];
    expect(rows([drug(ibuprofen), drug('{"system":"urn:local","code":"2","display":"Tramadol"}')])).toHaveLength(2);
    expect(rows([drug(ibuprofen), drug('{"system":"urn:local","code":"2"}')])).toHaveLength(2);
    expect(rows([drug(ibuprofen, local), drug(local, ibuprofen)])).toHaveLength(1);
  });
  it('a text that repeats the display does not split', () => {
    expect(rows([allergy(snomed('91935009', 'Allergy to peanut (finding)', 'Allergy to peanut')), allergy(snomed('91935009', 'Allergy to peanut'))])).toHaveLength(1);
  });
  it('codes without a system are not the same code', () => {
    const local = (d: string): Entry => entry('Condition', `"code":{"coding":[{"code":"1","display":"${d}"}]}`);
    expect(titles([local('Asthma'), local('Gout')]).sort()).toEqual(['Asthma', 'Gout']);
  });
  it('medications that cannot be named are not the same one', () => {
    const referred = (ref: string): Entry => entry('MedicationRequest', `"status":"active","medicationReference":{"reference":"Medication/${ref}"}`);
    expect(rows([referred('a'), referred('b')])).toHaveLength(2);
  });
  it('sides of the body are two', () => {
    const cataract = (side: string): Entry => entry('Condition', `"code":{"text":"Cataract"},"bodySite":[{"text":"${side}"}]`);
    expect(titles([cataract('left eye'), cataract('right eye')]).sort()).toEqual(['Cataract, left eye', 'Cataract, right eye']);
  });
});
describe('"none known" and "no information"', () => {
  const ips = (code: string): string => `{"coding":[{"system":"http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips","code":"${code}"}]}`;
  const said = (entries: Entry[]): [boolean, number] => [absence(entries).noneKnown !== null, absence(entries).parts.length];
  it('are kept apart', () => {
    expect(said([])).toEqual([false, 0]);
    expect(said([allergy(snomed('716186003', 'No known allergy'))])).toEqual([true, 0]);
    expect(said([allergy(ips('no-known-allergies'))])).toEqual([true, 0]);
    for (const code of ['no-allergy-info', 'no-medication-info', 'no-problem-info']) expect(said([allergy(ips(code))])).toEqual([false, 0]);
  });
  it('are no rows', () => {
    expect(rows([allergy(ips('no-allergy-info')), allergy(ips('no-known-allergies')), allergy('{"text":"NKDA"}')])).toEqual([]);
  });
  it('of drugs alone are no statement on all', () => {
    for (const code of [snomed('409137002', 'No known drug allergy'), ips('no-known-medication-allergies'), '{"text":"NKDA"}', '{"text":"No known drug allergies"}'])
      expect(said([allergy(code)])).toEqual([false, 1]);
  });
  it('stand in the element of medications too', () => {
    const none = entry('MedicationStatement', `"status":"active","medicationCodeableConcept":${ips('no-known-medications')}`);
    expect(said([none])).toEqual([true, 0]);
  });
  it('do not hold when they are over, refuted or entered in error', () => {
    expect(said([allergy(ips('no-known-allergies'), 'resolved')])).toEqual([false, 0]);
    expect(said([allergy(ips('no-known-allergies'), 'active', 'refuted')])).toEqual([false, 0]);
    expect(said([allergy(ips('no-known-allergies'), 'active', 'entered-in-error')])).toEqual([false, 0]);
  });
  it('are said of their own kind alone: elsewhere they are an entry like any other', () => {
    const problem = (code: string): Entry => entry('Condition', `"clinicalStatus":${concept('active')},"code":${code}`);
    for (const code of [snomed('716186003', 'No known allergy'), '{"text":"No known allergies"}', snomed('787481004', 'No known medications')]) {
      expect(said([problem(code)])).toEqual([false, 0]);
      expect(titles([problem(code)])).toHaveLength(1);
    }
    expect(titles([entry('Procedure', '"status":"completed","code":{"text":"NKDA"}')])).toEqual(['NKDA']);
    expect(said([allergy(ips('no-known-problems'))])).toEqual([false, 0]);
    expect(said([problem(ips('no-known-problems'))])).toEqual([true, 0]);
    expect(said([entry('Immunization', `"status":"completed","vaccineCode":${ips('no-known-immunizations')}`)])).toEqual([true, 0]);
    expect(said([entry('Procedure', `"status":"completed","code":${ips('no-known-procedures')}`)])).toEqual([true, 0]);
  });
  it('with a modifier that is not known are an entry like any other', () => {
    const none = entry('AllergyIntolerance', `"code":${ips('no-known-allergies')},"modifierExtension":[{"url":"http://x","valueBoolean":true}]`);
    expect(said([none])).toEqual([false, 0]);
    expect(rows([none])).toHaveLength(1);
  });
  it('of more words is a thing of its own', () => {
    expect(titles([allergy('{"text":"No known allergies except penicillin"}')])).toEqual(['No known allergies except penicillin']);
  });
});
