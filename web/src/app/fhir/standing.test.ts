// SPDX-License-Identifier: Apache-2.0
// Every status of FHIR R4 (4.0.1) that says whether something holds, by its value sets.
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { slim } from './slim';
import { standing, type Weight } from './standing';
import { sectionOf, toEntry } from './summary';

const as = (text: string): JsonObject => parseJson(text) as JsonObject;
const concept = (code: string): string => `{"coding":[{"system":"http://terminology.hl7.org/x","code":"${code}"}]}`;
/** Of the slim form: what is dropped there cannot be seen. */
const of = (type: string, more: string): ReturnType<typeof standing> => standing(slim(as(`{"resourceType":"${type}"${more && `,${more}`}}`)));
const status = (type: string, code: string): ReturnType<typeof standing> => of(type, `"status":"${code}"`);
const personal = (type: string, clinical: string, verified: string): ReturnType<typeof standing> =>
  of(type, [clinical && `"clinicalStatus":${concept(clinical)}`, verified && `"verificationStatus":${concept(verified)}`].filter(Boolean).join(','));

describe('a problem or allergy', () => {
  it.each<[string, string, string, Weight]>([
    ['Condition', 'active', 'confirmed', 'active'], ['Condition', 'recurrence', '', 'active'], ['Condition', 'relapse', '', 'active'],
    ['Condition', 'inactive', '', 'past'], ['Condition', 'remission', 'confirmed', 'past'], ['Condition', 'resolved', 'confirmed', 'past'],
    ['Condition', 'active', 'refuted', 'not'], ['Condition', '', 'refuted', 'not'], ['Condition', '', 'entered-in-error', 'void'], ['Condition', 'active', 'entered-in-error', 'void'],
    ['AllergyIntolerance', 'active', 'confirmed', 'active'], ['AllergyIntolerance', 'inactive', '', 'past'], ['AllergyIntolerance', 'resolved', '', 'past'],
    ['AllergyIntolerance', 'active', 'refuted', 'not'], ['AllergyIntolerance', '', 'entered-in-error', 'void'], ['AllergyIntolerance', '', '', 'active'],
  ])('%s %s %s: %s', (type, clinical, verified, weight) => {
    expect(personal(type, clinical, verified).weight).toBe(weight);
  });
  it.each(['unconfirmed', 'provisional', 'differential'])('that is %s counts and says so', (verified) => {
    expect(personal('Condition', 'active', verified)).toMatchObject({ weight: 'active', doubts: [verified], negations: [] });
  });
  it('says that it is refuted or entered in error', () => {
    expect(personal('AllergyIntolerance', 'active', 'refuted').negations).toEqual(['refuted']);
    expect(personal('Condition', '', 'entered-in-error').negations).toEqual(['entered-in-error']);
  });
  it('is refuted whichever of its codings or words says so', () => {
    expect(of('Condition', `"verificationStatus":{"coding":[{"system":"urn:local","code":"x9"},{"code":"refuted"}]}`).weight).toBe('not');
    expect(of('Condition', '"verificationStatus":{"text":"Entered in Error"}').weight).toBe('void');
    expect(of('AllergyIntolerance', '"verificationStatus":"refuted"').weight).toBe('not');
  });
  it('without a clinical status is over when it has an end of any kind', () => {
    for (const end of ['"abatementDateTime":"2020"', '"abatementAge":{"value":40}', '"abatementString":"in childhood"', '"abatementPeriod":{"end":"2020"}'])
      expect(of('Condition', end).weight).toBe('past');
    expect(of('Condition', '"abatementBoolean":false').weight).toBe('active');
  });
});
describe('a status', () => {
  it.each<[string, string, Weight]>([
    ['MedicationRequest', 'active', 'active'], ['MedicationRequest', 'on-hold', 'open'], ['MedicationRequest', 'cancelled', 'not'], ['MedicationRequest', 'completed', 'past'],
    ['MedicationRequest', 'entered-in-error', 'void'], ['MedicationRequest', 'stopped', 'past'], ['MedicationRequest', 'draft', 'open'], ['MedicationRequest', 'unknown', 'open'],
    ['MedicationStatement', 'active', 'active'], ['MedicationStatement', 'completed', 'past'], ['MedicationStatement', 'entered-in-error', 'void'], ['MedicationStatement', 'intended', 'open'],
    ['MedicationStatement', 'stopped', 'past'], ['MedicationStatement', 'on-hold', 'open'], ['MedicationStatement', 'unknown', 'open'], ['MedicationStatement', 'not-taken', 'not'],
    ['MedicationAdministration', 'in-progress', 'active'], ['MedicationAdministration', 'not-done', 'not'], ['MedicationAdministration', 'on-hold', 'open'],
    ['MedicationAdministration', 'completed', 'active'], ['MedicationAdministration', 'entered-in-error', 'void'], ['MedicationAdministration', 'stopped', 'past'], ['MedicationAdministration', 'unknown', 'open'],
    ['Immunization', 'completed', 'active'], ['Immunization', 'not-done', 'not'], ['Immunization', 'entered-in-error', 'void'],
    ['Procedure', 'preparation', 'open'], ['Procedure', 'in-progress', 'active'], ['Procedure', 'not-done', 'not'], ['Procedure', 'on-hold', 'open'], ['Procedure', 'stopped', 'past'],
    ['Procedure', 'completed', 'active'], ['Procedure', 'entered-in-error', 'void'], ['Procedure', 'unknown', 'open'],
    ['Observation', 'registered', 'open'], ['Observation', 'preliminary', 'active'], ['Observation', 'final', 'active'], ['Observation', 'amended', 'active'], ['Observation', 'corrected', 'active'],
    ['Observation', 'cancelled', 'not'], ['Observation', 'entered-in-error', 'void'], ['Observation', 'unknown', 'open'],
    ['DiagnosticReport', 'partial', 'active'], ['DiagnosticReport', 'appended', 'active'], ['DiagnosticReport', 'cancelled', 'not'], ['DiagnosticReport', 'entered-in-error', 'void'],
    ['Encounter', 'planned', 'open'], ['Encounter', 'in-progress', 'active'], ['Encounter', 'finished', 'past'], ['Encounter', 'cancelled', 'not'], ['Encounter', 'entered-in-error', 'void'],
    ['CarePlan', 'active', 'active'], ['CarePlan', 'revoked', 'past'], ['CarePlan', 'draft', 'open'], ['CarePlan', 'entered-in-error', 'void'],
    ['DocumentReference', 'superseded', 'past'], ['DocumentReference', 'entered-in-error', 'void'],
  ])('%s %s: %s', (type, code, weight) => {
    expect(status(type, code)).toMatchObject({ weight, status: code });
  });
  it('that denies stands before the title', () => {
    expect(status('Immunization', 'not-done').negations).toEqual(['not-given']);
    expect(status('MedicationAdministration', 'not-done').negations).toEqual(['not-given']);
    expect(status('Procedure', 'not-done').negations).toEqual(['not-done']);
    expect(status('MedicationStatement', 'not-taken').negations).toEqual(['not-taken']);
    expect(of('MedicationRequest', '"status":"active","doNotPerform":true')).toMatchObject({ weight: 'active', negations: ['do-not-give'] });
    expect(of('ServiceRequest', '"status":"active","doNotPerform":true').negations).toEqual(['do-not-perform']);
    expect(of('MedicationRequest', '"status":"entered-in-error","doNotPerform":true').negations).toEqual(['entered-in-error', 'do-not-give']);
  });
  it('of a document may be in docStatus', () => {
    expect(of('DocumentReference', '"status":"current","docStatus":"entered-in-error"').weight).toBe('void');
    expect(of('DocumentReference', '"status":"current","docStatus":"preliminary"').doubts).toEqual(['preliminary']);
  });
  it('of a proposal is no prescription, of a plan is said', () => {
    expect(of('MedicationRequest', '"status":"active","intent":"proposal"')).toMatchObject({ weight: 'open', doubts: ['proposal'] });
    expect(of('MedicationRequest', '"status":"active","intent":"plan"')).toMatchObject({ weight: 'active', doubts: ['plan'] });
  });
  it('of STU3 is understood', () => {
    expect(of('Immunization', '"status":"completed","notGiven":true')).toMatchObject({ weight: 'not', negations: ['not-given'] });
    expect(of('MedicationStatement', '"status":"active","taken":"n"').negations).toEqual(['not-taken']);
  });
  it('beside a modifier that is not known is told', () => {
    expect(of('Observation', '"status":"final","modifierExtension":[{"url":"http://x","valueBoolean":true}]').doubts).toEqual(['modified']);
    expect(of('Observation', '"status":"final","component":[{"modifierExtension":[{"url":"http://x"}]}]').doubts).toEqual(['modified']);
  });
});
describe('what is entered in error', () => {
  it.each(['Condition', 'AllergyIntolerance'])('is in no section: %s', (type) => {
    expect(sectionOf(toEntry('0x1', 0, as(`{"resourceType":"${type}","verificationStatus":${concept('entered-in-error')}}`)))).toBeNull();
  });
  it.each(['MedicationRequest', 'MedicationStatement', 'Immunization', 'Observation', 'Procedure', 'Encounter', 'CarePlan'])('is in no section: %s', (type) => {
    expect(sectionOf(toEntry('0x1', 0, as(`{"resourceType":"${type}","status":"entered-in-error"}`)))).toBeNull();
  });
});
