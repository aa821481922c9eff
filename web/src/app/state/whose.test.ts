// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Resource } from '../fhir/read';
import { whose } from './whose';

const patient = (name: string, more: object = {}): Resource => ({ resourceType: 'Patient', name: [{ text: name }], ...more }) as unknown as Resource;
const anna = patient('Anna Meier', { birthDate: '1950-05-01' });
const otto = patient('Otto Kranz', { birthDate: '1981-02-03', deceasedBoolean: true });

describe('whose chart it is', () => {
  it('is said by the card, and a record that names somebody else is told of', () => {
    expect(whose('Anna Meier', [otto, anna])).toMatchObject({ name: 'Anna Meier', others: ['Otto Kranz'] });
  });
  it('does not depend on which record came first', () => {
    for (const card of ['Anna Meier', '']) expect(whose(card, [otto, anna])).toEqual(whose(card, [anna, otto]));
  });
  it('tells of dates of birth that contradict each other, and of a death that only some records know', () => {
    expect(whose('Anna Meier', [anna, otto])).toMatchObject({ births: ['1950-05-01', '1981-02-03'], isDeathUnclear: true });
    expect(whose('Otto Kranz', [otto, otto])).toMatchObject({ others: [], births: ['1981-02-03'], isDeathUnclear: false, lives: [{ birth: '1981-02-03', died: 'true' }] });
  });
  it('takes a year for the date that lies in it', () => {
    expect(whose('', [anna, patient('Anna Meier', { birthDate: '1950' })]).births).toEqual(['1950-05-01']);
  });
  it('takes a second given name, a title or an accent for no other person', () => {
    for (const name of ['Anna Maria Meier', 'MEIER, Ánna', 'Dr. Anna Meier']) expect(whose('Anna Meier', [patient(name)]).others).toEqual([]);
    expect(whose('Anna Meier', [patient('Anna Kranz')]).others).toEqual(['Anna Kranz']);
  });
  it('is said by records only where there is no card', () => {
    expect(whose('', [anna]).name).toBe('Anna Meier');
    expect(whose('', []).name).toBe('');
  });
});
