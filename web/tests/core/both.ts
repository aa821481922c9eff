// SPDX-License-Identifier: Apache-2.0
// What the tests share that run the page's core beside the command line. Arguments: node URL, data folder, a PDF.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddItem, identities, type Node, openSession, type RecordItem, type Session } from '../../src/core/index.js';

export const [url, data, pdfFile] = process.argv.slice(2) as [string, string, string];
let passed = 0;
let failed = 0;
export function ok(what: string, good: boolean, detail = ''): void {
  if (good) passed++;
  else failed++;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${good ? '' : `: ${detail}`}`);
}
/** The command line as one of the people; its exit code and what it said. */
export function ehr(who: string, ...args: string[]): { code: number; out: string } {
  const home = `${data}/people/${who}`;
  const r = spawnSync(process.env['EHR']!, ['--home', home, '--passphrase-file', `${home}/passphrase`, '--as', who, '--yes', ...args], { encoding: 'utf8' });
  return { code: r.status ?? -1, out: r.stdout + r.stderr };
}
export function did(what: string, r: { code: number; out: string }, text = ''): void {
  ok(what, r.code === 0 && r.out.includes(text), `${r.code} ${r.out.slice(-300)}`);
}
export const passphraseOf = (who: string): string => readFileSync(`${data}/people/${who}/passphrase`, 'utf8').trimEnd();
export async function unlock(node: Node, who: string): Promise<Session> {
  const file = readFileSync(`${data}/people/${who}/identities/${who}/passphrase.age`);
  return openSession({ node, identity: await identities().unlockPassphrase(file, passphraseOf(who)) });
}
export async function all(s: Session, folderId: RecordItem['folderId']): Promise<RecordItem[]> {
  const out: RecordItem[] = [];
  for await (const page of s.list(folderId)) out.push(...page);
  return out;
}
export const same = (a: Uint8Array | null, b: Uint8Array): boolean => a !== null && Buffer.compare(a, b) === 0;
export function item(title: string, bytes: Uint8Array<ArrayBuffer>): AddItem {
  return { title, contentType: 'application/pdf', fileName: `${title}.pdf`, category: 'notes', creation: '2026-05-04', size: bytes.length, data: new Blob([bytes]) };
}
export function ended(test: string): void {
  console.log(`${test}: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
