// SPDX-License-Identifier: Apache-2.0
// The facts of one resource in words, as its record shows them.
import { fhirDate } from '../state/words';
import { dosageText } from './dosage';
import { boundsOf, outside, rangeWords } from './range';
import { arr, at, concept, plain, str, type JsonValue, type Resource } from './read';
import { siteOf } from './group';
import { standing, statusCodes } from './standing';
import type { Entry } from './summary';
import { judgement, ownValue, quantity, quantityText } from './value';
import { codeWords, doubtWord, outsideWord, reasonWords, say, sexWord, statusWord, textOf } from './words';

export interface Fact { name: string; value: string; }

export function factsOf(e: Entry): Fact[] {
  const r = e.resource;
  const parts = arr(r, 'component').map((c): [string, string] => [plain(concept(at(c, 'code'))), measured(c)]);
  const all: [string, string][] = [
    ...denials(r),
    [$localize`Value`, measured(r)],
    ...parts,
    [$localize`Conclusion`, [str(r, 'conclusion'), codeWords(r, 'conclusionCode')].filter(Boolean).join(' · ')],
    ...standings(e),
    [$localize`Reason`, [codeWords(r, 'reasonCode'), reasonWords(r)].filter(Boolean).join(' · ')],
    [$localize`Place on the body`, siteOf(r)],
    [$localize`Dosage`, dosageText(r, $localize`in codes only: see “Everything in this entry”`)],
    ...allergy(r),
    [$localize`Ended`, endOf(r)],
    ...people(r),
    ...person(e),
    ...arr(r, 'activity').map((a): [string, string] => [$localize`Planned`, planned(a)]),
    ...arr(r, 'result').slice(0, 30).map((x): [string, string] => [$localize`Result`, str(x, 'display')]),
    [$localize`Note`, textOf(r, 'note')],
  ];
  return all.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }));
}
/** Value, what the laboratory says of it, its reference range, and whether it lies outside. */
function measured(source: JsonValue): string {
  const q = quantity(at(source, 'valueQuantity'));
  const unit = q?.unit ?? '';
  const range = rangeWords(source, unit, say).text;
  const out = outside(source, q, boundsOf(source, unit));
  const said = [ownValue(source, say), judgement(source, say), out === 'abnormal' ? '' : outsideWord(out), range && $localize`reference range ${range}:range:`];
  return said.filter(Boolean).join(' · ');
}
function denials(r: Resource): [string, string][] {
  return r['doNotPerform'] === true ? [[$localize`Order`, $localize`not to be given or done`]] : [];
}
function standings(e: Entry): [string, string][] {
  const s = standing(e.resource);
  const certainty = statusCodes(e.resource, 'verificationStatus').map(doubtWord).join(', ');
  const doubts = s.doubts.filter((d) => !certainty.includes(doubtWord(d))).map(doubtWord);
  const isDenied = s.negations.includes('refuted') || (s.negations.includes('entered-in-error') && s.status === '');
  return [
    [$localize`Status`, [isDenied || (s.status === '' && !isStated(e.type)) ? '' : statusWord(s.status, e.type), ...doubts].filter(Boolean).join(', ')],
    [$localize`Certainty`, certainty],
  ];
}
/** Of which FHIR wants a status: that there is none is worth a word. */
const isStated = (type: string): boolean => ['Condition', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Immunization', 'Procedure', 'Observation', 'DiagnosticReport'].includes(type);
function allergy(r: Resource): [string, string][] {
  return arr(r, 'reaction').map((x): [string, string] => [$localize`Reaction`, [codeWords(x as Resource, 'manifestation'), severityWord(str(x, 'severity'))].filter(Boolean).join(', ')]);
}
function severityWord(code: string): string {
  switch (code) {
    case 'mild': return $localize`mild`;
    case 'moderate': return $localize`moderate`;
    case 'severe': return $localize`severe`;
    default: return code;
  }
}
function endOf(r: Resource): string {
  const date = ['abatementDateTime', 'abatementPeriod.end', 'performedPeriod.end', 'effectivePeriod.end', 'period.end'].map((p) => str(r, p)).find(Boolean);
  if (date) return fhirDate(date);
  const age = quantity(at(r, 'abatementAge'));
  return str(r, 'abatementString') || (age ? quantityText(age, say) : '');
}
function people(r: Resource): [string, string][] {
  return [
    [$localize`By`, ['requester.display', 'performer.0.display', 'performer.0.actor.display', 'participant.0.individual.display', 'author.0.display'].map((p) => str(r, p)).find(Boolean) ?? ''],
    [$localize`At`, ['location.0.location.display', 'location.display', 'serviceProvider.display'].map((p) => str(r, p)).find(Boolean) ?? ''],
  ];
}
function person(e: Entry): [string, string][] {
  if (e.type !== 'Patient') return [];
  return [[$localize`Born`, fhirDate(str(e.resource, 'birthDate'))], [$localize`Died`, fhirDate(str(e.resource, 'deceasedDateTime'))], [$localize`Sex`, sexWord(str(e.resource, 'gender'))]];
}
/** An activity of a plan may be forbidden, cancelled or done: then it is not "planned" alone. */
function planned(a: JsonValue): string {
  const what = plain(concept(at(a, 'detail.code'))) || str(a, 'detail.description') || str(a, 'reference.display');
  const status = str(a, 'detail.status');
  const words = str(a, 'detail.doNotPerform') === 'true' ? $localize`Do not do: ${what}:title:` : what;
  return [words, what && status && !['not-started', 'scheduled', 'in-progress', 'unknown'].includes(status) ? statusWord(status) : ''].filter(Boolean).join(' · ');
}
