// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { utf8 } from '../codec/bytes.js';
import { type AuthorVerdict, CoreError, type Hash, type RecordItem } from '../types.js';
import type { Context } from './context.js';
import { exportAge, exportBundle } from './export.js';
import * as reading from './read.js';

vi.mock('./read.js');
vi.mock('../age/file.js', () => ({ ageSealWith: () => Promise.resolve(Uint8Array.of(1)) })); // scrypt takes seconds
vi.mock('./folder.js', () => ({ accessOpen: () => Promise.resolve({ ids: [] }) }));

const FOLDER: Hash = '0xf0';
const hash: Hash = `0x${'11'.repeat(32)}`;
function record(title: string, more: Partial<RecordItem> = {}, meta: object = {}): RecordItem {
  const m = {
    title, category: 'notes', categoryText: 'Notes', typeCode: '11506-3', typeText: 'Progress note', docStatus: 'final', date: '2026-05-04T10:00:00Z', creation: '', contentType: 'text/plain',
    fileName: '', size: 5, sha256: hash, authorName: 'Dr. Rivera', authorAccount: `0x${'22'.repeat(20)}`, authorCard: hash, authorCertificate: '{"member":"0x33"}', ...meta,
  };
  return { folderId: FOLDER, recordId: `0x${title.length}`, version: 1, status: 'active', meta: m, error: null, author: { verdict: 'proved', signer: 'Dr. Rivera' }, ...more } as unknown as RecordItem;
}
const broken = (title: string): RecordItem => ({ ...record(title), meta: null, author: null, error: { code: 'E_MISMATCH', message: 'changed' } });
let bodies: Record<string, string | CoreError>;
function holds(...items: RecordItem[]): void {
  vi.mocked(reading.list).mockImplementation(async function* () {
    yield items;
  });
}
beforeEach(() => {
  bodies = {};
  const open = (i: RecordItem): string => {
    const b = bodies[i.meta!.title] ?? 'words';
    if (typeof b !== 'string') throw b;
    return b;
  };
  vi.mocked(reading.read).mockImplementation(async (_c, i) => ({ item: i, bytes: utf8(open(i)), blob: new Blob(), proof: i.proof }));
  vi.mocked(reading.readSealed).mockImplementation(async (_c, i) => new Blob([open(i)]));
});
interface Out {
  entry: { resource: { description?: string; author?: { display: string }[]; resourceType: string } }[];
}
async function bundled(): Promise<{ out: Awaited<ReturnType<typeof exportBundle>>; text: string; json: Out }> {
  const out = await exportBundle({} as Context, [FOLDER], {});
  const text = await out.blob.text();
  return { out, text, json: JSON.parse(text) as Out };
}

describe('what is taken out', () => {
  it('is what is valid by the chain; what was entered in error is left out, and that is told', async () => {
    holds(record('Letter'), record('A mistake', { status: 'entered-in-error' }));
    const { out, text } = await bundled();
    expect(out).toMatchObject({ records: 1, inError: 1, failed: [], large: [] });
    expect(text).toContain('Letter');
    expect(text).not.toContain('A mistake');
    expect(await exportAge({} as Context, [FOLDER], 'a passphrase', {})).toMatchObject({ records: 1, inError: 1 });
  });
  it('goes on after a record that fails its checks or cannot be opened, and names it', async () => {
    holds(broken('Letter'), record('Discharge letter'), record('Lab'));
    bodies['Discharge letter'] = new CoreError('E_MISMATCH', 'changed');
    for (const out of [(await bundled()).out, await exportAge({} as Context, [FOLDER], 'a passphrase', {})]) {
      expect(out.records).toBe(1);
      expect(out.failed.map((f) => [f.title, f.code])).toEqual([['', 'E_MISMATCH'], ['Discharge letter', 'E_MISMATCH']]);
    }
  });
  it('has a file of its own for each record, whatever ids and titles their writers chose', async () => {
    const id = (end: string): Hash => `0x${'ab'.repeat(31)}${end}`;
    holds(record('Lab', { recordId: id('01') }), record('Lab', { recordId: id('02') }), record('Lab', { recordId: `0x${'cd'.repeat(32)}` }));
    const names = (await (await exportAge({} as Context, [FOLDER], 'a passphrase', {})).blob.text()).match(/Lab-[0-9a-f]+\.age/g)!;
    expect(names).toHaveLength(6); // each before its file and in the directory
    expect(new Set(names).size).toBe(3);
  });
  it('is nothing when the node is away or the session is locked', async () => {
    holds(record('Letter'));
    for (const code of ['E_AWAY', 'E_LOCKED']) {
      bodies['Letter'] = new CoreError(code, code);
      await expect(bundled()).rejects.toThrow(code);
    }
  });
  it('names what is too large for the bundle', async () => {
    holds(record('Scan', {}, { size: 40 << 20 }));
    const { out, text } = await bundled();
    expect(out).toMatchObject({ records: 1, large: [{ title: 'Scan' }] });
    expect(text).not.toContain('"data"');
  });
  it('has the entries of FHIR records, numbers as written; what only says that it is FHIR is a document', async () => {
    const fhir = { contentType: 'application/fhir+json' };
    holds(record('Bundle', {}, fhir), record('One', {}, fhir), record('Not JSON', {}, fhir));
    bodies = { Bundle: '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","value":0.010}},{"resource":{"resourceType":"Patient"}}]}', One: '{"resourceType":"Condition"}', 'Not JSON': 'x' };
    const { json, text } = await bundled();
    expect(json.entry.map((e) => e.resource.resourceType)).toEqual(['Observation', 'Patient', 'Condition', 'DocumentReference']);
    expect(text).toContain('0.010');
  });
  it("tells no address of the author apart, and no name that is not the author's", async () => {
    const by = (title: string, verdict: AuthorVerdict, signer = ''): RecordItem => record(title, { author: { verdict, signer } });
    holds(by('Own', 'proved', 'Dr. Rivera'), by('Renamed', 'renamed', 'Dr. Hall'), by('Other', 'other'), by('Said', 'said'));
    const { json, text } = await bundled();
    expect(json.entry.map((e) => e.resource.author?.[0]?.display)).toEqual(['Dr. Rivera', 'Dr. Hall', undefined, 'Dr. Rivera']);
    expect(text).not.toContain('author-certificate');
  });
});
