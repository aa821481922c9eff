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

/** Letters and digits without accents, lower case. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase();
  return [...new Set(plain.match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, WORDS_MAX).map((w) => w.slice(0, WORD_MAX));
}

export class MemoryIndex implements SearchIndex {
  private docs: Doc[] = [];
  private readonly byRecord = new Map<string, number[]>();
  /** Word to documents; weight is 2 for words of the title. */
  private readonly words = new Map<string, Map<number, number>>();
  private sorted: string[] | null = null;

  get size(): number {
    return this.byRecord.size;
  }
  private addDoc(d: Doc, title: string, text: string): void {
    const id = this.docs.push(d) - 1;
    const key = `${d.folderId} ${d.recordId}`;
    this.byRecord.set(key, [...(this.byRecord.get(key) ?? []), id]);
    for (const [source, weight] of [[text, 1], [title, 2]] as const)
      for (const w of wordsOf(source)) {
        let m = this.words.get(w);
        if (m === undefined) {
          this.words.set(w, (m = new Map()));
          this.sorted = null;
        }
        m.set(id, weight);
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
  /** Documents with a word that begins like this, and how well. */
  private match(prefix: string): Map<number, number> {
    this.sorted ??= [...this.words.keys()].sort();
    const list = this.sorted;
    let lo = 0;
    for (let hi = list.length; lo < hi; ) {
      const mid = (lo + hi) >> 1;
      if (list[mid]! < prefix) lo = mid + 1;
      else hi = mid;
    }
    const out = new Map<number, number>();
    for (let i = lo; i < list.length && list[i]!.startsWith(prefix); i++) {
      const whole = list[i] === prefix ? 1 : 0;
      for (const [id, weight] of this.words.get(list[i]!)!) out.set(id, Math.max(out.get(id) ?? 0, weight + whole));
    }
    return out;
  }
  query(text: string, o: { folderId?: Hash; limit?: number } = {}): SearchHit[] {
    let found = null as Map<number, number> | null;
    for (const w of wordsOf(text)) {
      const m = this.match(w);
      const before: Map<number, number> | null = found;
      found = before === null ? m : new Map([...before].flatMap(([id, s]) => (m.has(id) ? [[id, s + m.get(id)!] as [number, number]] : [])));
    }
    const hits: SearchHit[] = [];
    for (const [id, score] of found ?? []) {
      const d = this.docs[id]!;
      if (d.live && (o.folderId === undefined || d.folderId === o.folderId)) hits.push({ recordId: d.recordId, folderId: d.folderId, entry: d.entry, score });
    }
    return hits.sort((a, b) => b.score - a.score).slice(0, o.limit ?? 200);
  }
}
