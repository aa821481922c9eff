// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseJson, type JsonObject } from '../../core/codec/json';
import { fileBytes, filesOf, noteText } from './attachment';
import { rawText } from './raw';

beforeAll(() => {
  vi.stubGlobal('localStorage', { getItem: () => 'en' });
  vi.stubGlobal('navigator', { languages: ['en-GB'] });
});
const as = (text: string): JsonObject => parseJson(text) as JsonObject;
const part = (type: string, bytes: string, more = ''): string => `{"contentType":"${type}","data":"${btoa(bytes)}"${more}}`;
const report = (...parts: string[]): JsonObject => as(`{"resourceType":"DiagnosticReport","presentedForm":[${parts.join(',')}]}`);

describe('a note inside an entry', () => {
  it('is every text, each in its own characters', () => {
    expect(noteText(report(part('text/plain; charset=iso-8859-1', 'n\u00fcchtern'), part('application/pdf', '%PDF'), part('text/plain', 'second')))).toBe('n\u00fcchtern\n\nsecond');
    expect(noteText(as(`{"resourceType":"DocumentReference","content":[{"attachment":${part('text/plain', 'one')}},{"attachment":${part('text/plain', 'two')}}]}`))).toBe('one\n\ntwo');
  });
});
describe('a file inside an entry', () => {
  it('is named when it is no text', () => {
    const files = filesOf(report(part('text/plain', 'x'), part('application/pdf', '%PDF', ',"title":"Biopsy"'), '{"url":"https://x.invalid/1"}', part('text/plain; charset=martian', 'x'), '{"contentType":"image/png","data":"%"}'));
    expect(files.map((f) => [f.name, new TextDecoder().decode(fileBytes(f)), f.url])).toEqual([['Biopsy', '%PDF', ''], ['', '', 'https://x.invalid/1'], ['text/plain; charset=martian', 'x', ''], ['image/png', '%', '']]);
  });
});
describe('everything in an entry', () => {
  it('says how much of a long string is not shown', () => {
    expect(rawText(as(`{"a":[1.0,{"b":"${'x'.repeat(5234)}"}]}`))).toBe(`{\n  "a": [\n    1.0,\n    {\n      "b": "${'x'.repeat(4000)}" … (1,234 more characters, not shown here)\n    }\n  ]\n}`);
  });
});
