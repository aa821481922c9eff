// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { JsonNumber, parseJson, writeJson, type JsonObject } from '../../core/codec/json';
import { slim, searchText } from '../fhir/slim';
import { toEntry } from '../fhir/summary';
import { snapshotRead, snapshotWrite } from './snapshot';

const observation = parseJson(
  '{"resourceType":"Observation","id":"a","status":"final","code":{"text":"Kreatinin"},"valueQuantity":{"value":0.010,"unit":"mg/dL"},"note":[{"text":"nüchtern"}],"subject":{"reference":"Patient/1","display":"Ada"}}',
) as JsonObject;
const number = (t: string): JsonNumber => new JsonNumber(t);

describe('a chart kept on the device', () => {
  it('comes back as it was, decimals to the letter', () => {
    const entry = { ...toEntry('0x01', 3, slim(observation)), words: searchText(observation) };
    const back = snapshotRead(snapshotWrite({ at: 5, items: [], entries: [entry], notOpened: ['0x02'] }), number)!;
    expect(back.at).toBe(5);
    expect(back.notOpened).toEqual(['0x02']);
    expect(back.entries[0]).toMatchObject({ recordId: '0x01', index: 3, title: 'Kreatinin', words: entry.words });
    expect(writeJson(back.entries[0]!.resource)).toBe(writeJson(entry.resource));
    expect(writeJson(back.entries[0]!.resource)).toContain('"value":0.010');
  });
  it('of another form is not taken', () => {
    expect(snapshotRead(new TextEncoder().encode('{"ehrd":"ehrd page-chart/v2","at":1,"items":[],"entries":[]}'), number)).toBeNull();
    expect(snapshotRead(new TextEncoder().encode('{"ehrd":"ehrd page-chart/v3","items":['), number)).toBeNull();
  });
});
describe('words to search by', () => {
  it('hold texts, displays, values as written and notes, but no references', () => {
    expect(searchText(observation)).toContain('nüchtern');
    expect(searchText(observation)).toContain('0.010');
    expect(searchText(observation)).toContain('Ada');
    expect(searchText(observation)).not.toContain('Patient/1');
  });
  it('hold the note inside a document', () => {
    const data = btoa('chest pain');
    const d = parseJson(`{"resourceType":"DocumentReference","content":[{"attachment":{"contentType":"text/plain","data":"${data}"}}]}`) as JsonObject;
    expect(searchText(d)).toContain('chest pain');
    expect(searchText(d)).not.toContain(data);
  });
  it('are bounded', () => {
    const d = { resourceType: 'Basic', description: 'x'.repeat(100_000) } as unknown as JsonObject;
    expect(searchText(d).length).toBeLessThan(30_000);
  });
  it('of a slim resource leave what lists do not show', () => {
    expect(Object.keys(slim(observation))).toEqual(['resourceType', 'id', 'status', 'code', 'valueQuantity']);
  });
});
