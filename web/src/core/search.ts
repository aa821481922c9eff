// SPDX-License-Identifier: Apache-2.0
// Search over what was decrypted, in memory only: words by their beginnings.
import type { SearchIndex } from './api.js';
import type { Hash, RecordItem, SearchHit } from './types.js';

interface Doc {
  folderId: Hash;
  recordId: Hash;
  entry: number | null;
  live: boolean;
}
const WORD_MAX = 40;
const WORDS_MAX = 4000; // of one document
const QUERY_WORDS_MAX = 12;

/** Letters and digits without accents, lower case. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase();
  return [...new Set(plain.match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, WORDS_MAX).map((w) => w.slice(0, WORD_MAX));
}

export class MemoryIndex implements SearchIndex {
  private docs: Doc[] = [];
  private readonly byRecord = new Map<string, number[]>();
  /** Word to documents, ascending, each times two, plus one where the word stands in the title. */
  private readonly words = new Map<string, number[]>();
  private sorted: string[] | null = null;

  get size(): number {
    return this.byRecord.size;
  }
  private addDoc(d: Doc, title: string, text: string): void {
    const id = this.docs.push(d) - 1;
    const key = `${d.folderId} ${d.recordId}`;
    this.byRecord.set(key, [...(this.byRecord.get(key) ?? []), id]);
    for (const [source, inTitle] of [[text, 0], [title, 1]] as const)
      for (const w of wordsOf(source)) {
        let list = this.words.get(w);
        if (list === undefined) {
          this.words.set(w, (list = []));
          this.sorted = null;
        }
        if (list.length && list[list.length - 1]! >> 1 === id) list[list.length - 1] = 2 * id + inTitle;
        else list.push(2 * id + inTitle);
      }
  }
  put(item: RecordItem, entries: { entry: number | null; text: string }[] = []): void {
    this.drop(item.folderId, item.recordId);
    const at = { folderId: item.folderId, recordId: item.recordId, live: true };
    const m = item.meta;
    this.addDoc({ ...at, entry: null }, m?.title ?? '', [m?.categoryText, m?.typeText, m?.authorName, m?.fileName, m?.creation].join(' '));
    for (const e of entries) this.addDoc({ ...at, entry: e.entry }, '', e.text);
  }
  drop(folderId: Hash, recordId?: Hash): void {
    const keys = recordId === undefined ? [...this.byRecord.keys()].filter((k) => k.startsWith(folderId)) : [`${folderId} ${recordId}`];
    for (const k of keys) {
      for (const id of this.byRecord.get(k) ?? []) this.docs[id]!.live = false;
      this.byRecord.delete(k);
    }
    if (this.byRecord.size === 0) this.clear();
  }
  clear(): void {
    this.docs = [];
    this.byRecord.clear();
    this.words.clear();
    this.sorted = null;
  }
  prepare(): void {
    this.sorted ??= [...this.words.keys()].sort();
  }
  /** How well each document has a word that begins like this: 0 not, 1 to 3. */
  private match(prefix: string): Uint8Array {
    this.prepare();
    const list = this.sorted!;
    let lo = 0;
    for (let hi = list.length; lo < hi; ) {
      const mid = (lo + hi) >> 1;
      if (list[mid]! < prefix) lo = mid + 1;
      else hi = mid;
    }
    const out = new Uint8Array(this.docs.length);
    for (let i = lo; i < list.length && list[i]!.startsWith(prefix); i++) {
      const whole = list[i] === prefix ? 2 : 1;
      for (const x of this.words.get(list[i]!)!) {
        const score = (x & 1) + whole;
        if (score > out[x >> 1]!) out[x >> 1] = score;
      }
    }
    return out;
  }
  query(text: string, o: { folderId?: Hash; limit?: number } = {}): SearchHit[] {
    const found = wordsOf(text).slice(0, QUERY_WORDS_MAX).map((w) => this.match(w));
    if (found.length === 0) return [];
    const byScore: SearchHit[][] = [];
    for (let id = 0; id < this.docs.length; id++) {
      const d = this.docs[id]!;
      if (!d.live || (o.folderId !== undefined && d.folderId !== o.folderId)) continue;
      let score = 0;
      for (const m of found) {
        if (m[id] === 0) {
          score = 0;
          break;
        }
        score += m[id]!;
      }
      if (score > 0) (byScore[score] ??= []).push({ recordId: d.recordId, folderId: d.folderId, entry: d.entry, score });
    }
    return byScore.reverse().flat().slice(0, o.limit ?? 200);
  }
}
