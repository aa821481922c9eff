// SPDX-License-Identifier: Apache-2.0
// The chart in use: one folder, its records as they come, and what is inside them once it was opened. In memory only.
import { Injectable, computed, inject, signal } from '@angular/core';
import { Person } from './person';
import { core, codeOf, type Folder, type Hash, type RecordBody, type RecordItem, type Session } from './core';
import { faultOf, type Fault } from './faults';
import { sectionOf, toEntry, type Entry, type SectionId } from '../fhir/summary';
import { at, str, type Resource } from '../fhir/read';
import { searchText, slim } from '../fhir/slim';
import { whose } from './whose';
import { snapshotRead, snapshotWrite, type Snapshot } from './snapshot';

const AT_ONCE = 6; // bodies fetched at the same time
const FLUSH_MS = 120; // what came in is shown this often, and less often when showing it takes long
const KEEP_AFTER_MS = 1500;
const INDEX_SLICE = 150; // records put into the search index before the page may draw again
const LONGEST_TIMER_MS = 86_400_000; // a timer of a browser holds 24 days at most
/** What is older than this is asked for again when the reader comes back to it. */
export const OLD_AFTER_MS = 3 * 60_000;
const ASK_MS = 5000; // so long may a chart whose time is over wait for the node to say that it is prolonged
const OWN = ''; // the wish for a folder of one's own, whichever
/** What the summary needs first. */
const ORDER = ['demographics', 'notes', 'medications', 'immunisations', 'results', '', 'devices', 'other', 'directory', 'provenance', 'billing'];

/** What became of a record in the list; elsewhere: its folder is not the one in use any more. */
export type Renewed = 'there' | 'gone' | 'elsewhere';

@Injectable({ providedIn: 'root' })
export class Chart {
  private readonly person = inject(Person);
  readonly folders = signal<Folder[] | null>(null);
  readonly folder = signal<Folder | null>(null);
  readonly items = signal<RecordItem[]>([]);
  /** All records are listed. */
  readonly listed = signal(false);
  readonly entries = signal<Entry[]>([]);
  readonly opened = signal(0);
  readonly toOpen = signal(0);
  readonly fault = signal<Fault | null>(null);
  /** Another person's folder is over while it is open. */
  readonly ended = signal(false);
  /** What is shown is of the last visit (ms) and is being checked anew; 0: it is checked. */
  readonly recalled = signal(0);
  /** When the list and what is in it were checked last (ms); 0: that is still going on, or has failed. */
  readonly checkedAt = signal(0);
  /** Grows while the search index does. */
  readonly indexed = signal(0);
  /** Of the folder in use and its reading: whatever waited meanwhile and finds another number has nothing to say here any more. */
  private run = 0;
  /** Of the wish to open a folder: the last one counts. */
  private turn = 0;
  private wish: string | null = null;
  private foldersAt = 0;
  private endTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly bodies = new Map<string, RecordBody>();
  /** Records that were renewed while the list was still being read: it may have been begun before they were written. */
  private readonly renewed = new Set<string>();

  /** Records whose content could not be opened: the node did not give it, it failed a check, or it is too large. */
  private readonly notOpened = signal<ReadonlySet<string>>(new Set());
  /** What the chart is made of, as far as it can be opened. */
  readonly clinical = computed(() => this.items().filter((i) => isClinical(i) || isBroken(i)));
  /** Those of them that are missing in it: while there is one, nothing may be called absent. */
  readonly unread = computed(() => this.clinical().filter((i) => isBroken(i) || this.notOpened().has(i.recordId)));
  readonly retrying = signal(false);
  readonly byId = computed(() => new Map(this.items().map((i) => [i.recordId, i])));
  readonly sections = computed(() => {
    const out: Record<SectionId, Entry[]> = { problems: [], allergies: [], medications: [], immunisations: [], results: [], vitals: [], procedures: [], encounters: [], plans: [] };
    for (const e of this.entries()) {
      const s = sectionOf(e);
      if (s) out[s].push(e);
    }
    return out;
  });
  readonly whose = computed(() => whose(this.folder()?.ownerName ?? '', this.entries().filter((e) => e.type === 'Patient').map((e) => e.resource)));
  readonly mayAdd = computed(() => ((this.folder()?.permissions ?? 0) & 2) !== 0);
  readonly isReading = computed(() => !this.recalled() && (!this.listed() || this.opened() < this.toOpen()));
  /** As isReading, and also while what was kept is shown and what changed since is still being opened. */
  readonly isOpening = computed(() => this.isReading() || this.opened() < this.toOpen());

  constructor() {
    this.person.onWipe(() => this.clear());
  }
  clear(): void {
    this.turn++;
    this.wish = null;
    this.folders.set(null);
    this.leave();
  }
  /** Nothing of the folder in use stays on the page. */
  private leave(): void {
    clearTimeout(this.endTimer);
    this.run++;
    this.folder.set(null);
    this.empty();
  }
  private empty(): void {
    this.items.set([]);
    this.entries.set([]);
    this.listed.set(false);
    this.opened.set(0);
    this.toOpen.set(0);
    this.fault.set(null);
    this.ended.set(false);
    this.recalled.set(0);
    this.checkedAt.set(0);
    this.notOpened.set(new Set());
    this.retrying.set(false);
    this.bodies.clear();
    this.renewed.clear();
  }

  async loadFolders(): Promise<Folder[]> {
    const session = this.person.need();
    const all = await session.folders();
    if (session === this.person.session()) {
      this.folders.set(all);
      this.foldersAt = Date.now();
    }
    return all;
  }
  useOwn(): Promise<void> {
    return this.want(OWN, false);
  }
  useId(id: string): Promise<void> {
    return this.want(id, false);
  }
  /** What was wished for last, asked for anew, rights and all. */
  async again(): Promise<void> {
    if (this.wish !== null && this.person.session()) await this.want(this.wish, true);
  }
  private async want(wish: string, isAnew: boolean): Promise<void> {
    const turn = ++this.turn;
    this.wish = wish;
    const now = this.folder();
    if (now && (wish === OWN ? !now.mine : now.folderId !== wish)) this.leave(); // nobody's chart stands under another one's name
    try {
      const all = isAnew || Date.now() - this.foldersAt > OLD_AFTER_MS ? null : this.folders();
      const found = this.pick(all ?? (await this.loadFolders()), wish);
      if (turn !== this.turn) return;
      if (!found) this.missing(wish);
      else if (isAnew || this.isOld(found)) await this.use(found);
    } catch (e) {
      if (turn === this.turn) this.fault.set(faultOf(e));
    }
  }
  private pick(all: Folder[], wish: string): Folder | undefined {
    return wish === OWN ? this.ownOf(all) : all.find((f) => f.folderId === wish);
  }
  /** The one in use, or of the last visit, or the first. */
  ownOf(all: Folder[]): Folder | undefined {
    const mine = all.filter((f) => f.mine);
    const kept = this.folder()?.folderId ?? localStorage.getItem('ehrd.folder');
    return mine.find((f) => f.folderId === kept) ?? mine[0];
  }
  private missing(wish: string): void {
    this.leave();
    if (wish !== OWN) this.fault.set(faultOf(Object.assign(new Error('no such folder here'), { code: 'E_NOT_FOUND' })));
  }
  /** What is open of this folder is not what the node would give now, as far as is known. */
  private isOld(found: Folder): boolean {
    if (this.ended() || this.fault() || JSON.stringify(found) !== JSON.stringify(this.folder())) return true;
    return this.checkedAt() > 0 && Date.now() - this.checkedAt() > OLD_AFTER_MS;
  }
  async use(f: Folder): Promise<void> {
    this.turn++;
    this.wish = f.mine ? OWN : f.folderId;
    if (f.mine) localStorage.setItem('ehrd.folder', f.folderId);
    this.folder.set(f);
    this.watchEnd(f);
    await this.reload();
  }
  /** What another person shares is closed when its time is over, even when nothing is asked of the node then. */
  private watchEnd(f: Folder): void {
    clearTimeout(this.endTimer);
    if (f.mine || !f.notAfter) return;
    const left = f.notAfter * 1000 - Date.now();
    this.endTimer = setTimeout(() => (left > LONGEST_TIMER_MS ? this.watchEnd(f) : void this.timeIsOver(f)), Math.max(0, Math.min(left, LONGEST_TIMER_MS)));
  }
  /** Of the grant as it was known: its owner may have prolonged it since, which the node is asked. */
  private async timeIsOver(f: Folder): Promise<void> {
    const noAnswer = new Promise<Folder[]>((none) => setTimeout(() => none([]), ASK_MS));
    const all = await Promise.race([this.loadFolders().catch(() => []), noAnswer]);
    if (this.folder() !== f) return;
    const now = all.find((x) => x.folderId === f.folderId && x.state === 'live' && x.notAfter > f.notAfter);
    if (!now) return this.end();
    this.folder.set(now);
    this.watchEnd(now);
  }
  private end(): void {
    const id = this.folder()?.folderId;
    if (id) void this.person.session()?.local.drop(id);
    this.run++;
    this.empty();
    this.ended.set(true);
  }
  async reload(): Promise<void> {
    const f = this.folder();
    if (!f) return;
    const run = ++this.run;
    this.empty();
    try {
      await this.list(f, run);
    } catch (e) {
      if (run === this.run) this.failed(e);
    }
  }
  private failed(e: unknown): void {
    if (['E_FORBIDDEN', 'E_EXPIRED', 'E_AUTH'].includes(codeOf(e)) && !this.folder()?.mine) {
      this.end();
    } else {
      this.fault.set(faultOf(e));
    }
  }
  private async list(f: Folder, run: number): Promise<void> {
    const session = this.person.need();
    const kept = await this.recall(session, f);
    if (run !== this.run) return;
    // Another person's chart is shown only once the node has said that the grant is live.
    if (kept && f.mine) this.show(session, kept, run);
    const fresh: RecordItem[] = [];
    let begun = 0;
    for await (const page of session.list(f.folderId, { removedToo: f.mine })) {
      if (run !== this.run) return;
      const news = page.filter((i) => !this.renewed.has(i.recordId));
      fresh.push(...news);
      if (kept && !this.recalled()) this.show(session, kept, run);
      if (kept) continue;
      this.items.update((old) => [...old, ...news]);
      for (const i of news) session.search.put(i);
      // A long chart has something to show before all of it is listed.
      if (begun === 0) {
        begun = news.length;
        await this.openAll(session, news, null, run);
      }
    }
    if (run !== this.run) return;
    this.listed.set(true);
    await this.openAll(session, fresh.slice(begun), kept, run);
    if (run !== this.run) return;
    this.recalled.set(0);
    this.checkedAt.set(Date.now());
    await this.keep();
  }
  /** What this device kept of the chart, opened with the identity's key. */
  private async recall(session: Session, f: Folder): Promise<Snapshot | null> {
    const bytes = await session.local.get(f.folderId);
    if (!bytes) return null;
    const { JsonNumber } = await core();
    return snapshotRead(bytes, (text) => new JsonNumber(text));
  }
  private show(session: Session, kept: Snapshot, run: number): void {
    this.putBesideRenewed(kept.items, kept.entries);
    this.missBesideRenewed(kept.notOpened);
    this.recalled.set(kept.at);
    void this.index(session, kept.items, kept.entries, run);
  }
  private putBesideRenewed(items: RecordItem[], entries: Entry[]): void {
    const isNew = (x: { recordId: string }): boolean => this.renewed.has(x.recordId);
    this.items.update((old) => [...old.filter(isNew), ...items.filter((i) => !isNew(i))]);
    this.entries.update((old) => [...old.filter(isNew), ...entries.filter((e) => !isNew(e))]);
  }
  /** These are missing; whether a renewed one is, was found out later than that. */
  private missBesideRenewed(ids: string[]): void {
    const isNew = (id: string): boolean => this.renewed.has(id);
    this.notOpened.update((old) => new Set([...[...old].filter(isNew), ...ids.filter((id) => !isNew(id))]));
  }
  private async index(session: Session, items: RecordItem[], entries: Entry[], run: number): Promise<void> {
    const by = byRecord(entries);
    for (let i = 0; i < items.length && run === this.run; i += INDEX_SLICE) {
      for (const item of items.slice(i, i + INDEX_SLICE)) session.search.put(item, wordsOf(by.get(item.recordId) ?? []));
      this.indexed.update((n) => n + 1);
      await new Promise((resolve) => setTimeout(resolve));
    }
    session.search.prepare();
  }
  /** Keep what is open now, sealed, for the next visit. */
  private async keep(): Promise<void> {
    const f = this.folder();
    const session = this.person.session();
    if (!f || !session || this.ended() || this.isReading() || this.recalled()) return;
    await session.local.put(f.folderId, snapshotWrite({ at: Date.now(), items: this.items(), entries: this.entries(), notOpened: [...this.notOpened()] }));
  }
  private keepSoon(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = setTimeout(() => void this.keep(), KEEP_AFTER_MS);
  }

  private async openAll(session: Session, listed: RecordItem[], kept: Snapshot | null, run: number): Promise<void> {
    const items = listed.filter((i) => !this.renewed.has(i.recordId));
    const before = new Map((kept?.items ?? []).map((i) => [i.recordId, i]));
    const had = byRecord(kept?.entries ?? []);
    const same = (i: RecordItem): boolean => before.get(i.recordId)?.proof.facts.commitment === i.proof.facts.commitment && had.has(i.recordId);
    const fhir = items.filter(isClinical);
    const wanted = fhir.filter((i) => !same(i)).sort((a, b) => ORDER.indexOf(a.meta!.category) - ORDER.indexOf(b.meta!.category));
    const openedBefore = this.opened();
    this.toOpen.set(openedBefore + wanted.length);
    if (kept) {
      // Until it was opened it is missing, so that nothing looks absent; what an amended one said stays until then.
      this.missBesideRenewed(wanted.map((i) => i.recordId));
      this.putBesideRenewed(items, fhir.flatMap((i) => had.get(i.recordId) ?? []));
      for (const i of items) if (!before.has(i.recordId)) session.search.put(i);
      const now = new Set([...this.renewed, ...items.map((i) => i.recordId)]);
      for (const i of kept.items) if (!now.has(i.recordId)) session.search.drop(i.folderId, i.recordId);
    }
    let pending: Entry[] = [];
    const read = new Map<string, boolean>(); // id: it could be opened
    let done = 0;
    let next = performance.now();
    const flush = (): void => {
      const from = performance.now();
      for (const id of this.renewed) read.delete(id);
      this.take(read, pending, kept !== null);
      pending = [];
      read.clear();
      this.opened.set(openedBefore + done);
      setTimeout(() => (next = performance.now() + Math.max(FLUSH_MS, 8 * (performance.now() - from))));
      next = Infinity;
    };
    const queue = [...wanted];
    const worker = async (): Promise<void> => {
      for (let item = queue.shift(); item && run === this.run; item = queue.shift()) {
        const found = await this.entriesOf(session, item, true, run);
        if (run !== this.run) return;
        if (found) pending.push(...found);
        read.set(item.recordId, found !== null);
        done++;
        if (performance.now() > next) flush();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (run !== this.run) return;
    flush();
    session.search.prepare();
  }
  /** What was read: record id, whether it could be opened. isAnew: entries of before may be there, also of one that fails now. */
  private take(read: ReadonlyMap<string, boolean>, entries: Entry[], isAnew: boolean): void {
    const found = entries.filter((e) => read.has(e.recordId));
    if (found.length || isAnew) this.entries.update((old) => [...(isAnew ? old.filter((e) => !read.has(e.recordId)) : old), ...found]);
    const failed = [...read].flatMap(([id, isOpen]) => (isOpen ? [] : [id]));
    if (failed.length || isAnew) this.notOpened.update((old) => new Set([...[...old].filter((id) => !read.has(id)), ...failed]));
  }
  /** Its entries, slim, and into the search index; null: it could not be opened, which must be told. */
  private async entriesOf(session: Session, item: RecordItem, isListed: boolean, run: number): Promise<Entry[] | null> {
    try {
      const body = await (isListed ? session.readListed(item) : session.read(item));
      if (!body.bytes) return null; // larger than what is taken into memory
      const found = (await resourcesIn(item.recordId, body)).map((e) => ({ ...e, resource: slim(e.resource), words: searchText(e.resource) }));
      if (run === this.run) session.search.put(item, wordsOf(found));
      return found;
    } catch (e) {
      if (run === this.run && ['E_FORBIDDEN', 'E_EXPIRED'].includes(codeOf(e))) {
        this.run++;
        this.failed(e);
      }
      return null;
    }
  }

  /** The opened body of a record; kept for small ones. */
  async body(item: RecordItem): Promise<RecordBody> {
    const key = `${item.recordId}/${item.version}`;
    const have = this.bodies.get(key);
    if (have) return have;
    const run = this.run;
    const body = await this.person.need().read(item);
    if (run === this.run && body.blob.size < 4 << 20) this.bodies.set(key, body);
    return body;
  }
  /**
   * Put a record that was just written or read anew into the list, or take it out. Of a folder that is not, or not any more, the one
   * in use nothing is changed: it would stand in another person's chart.
   */
  async renew(folderId: Hash, recordId: Hash): Promise<Renewed> {
    const run = this.run;
    const isHere = (): boolean => run === this.run && this.folder()?.folderId === folderId;
    if (!isHere()) return 'elsewhere';
    const session = this.person.need();
    const item = await session.record(folderId, recordId).catch((e: unknown) => {
      if (['E_NOT_FOUND', 'E_GONE', 'E_REMOVED'].includes(codeOf(e)) || !isHere()) return null;
      throw e;
    });
    if (!isHere()) return 'elsewhere';
    if (!item) {
      this.put(session, folderId, recordId, null, []);
      return 'gone';
    }
    return (await this.open(session, item, run)) ? 'there' : 'elsewhere';
  }
  /** The node is back: what failed meanwhile is read. */
  async goOn(): Promise<void> {
    if (this.fault()) await this.again();
    else if (this.unread().length) await this.retry();
  }
  /** Read anew what could not be opened; what fails again stays told. */
  async retry(): Promise<void> {
    const session = this.person.session();
    if (!session || this.retrying()) return;
    const run = this.run;
    this.retrying.set(true);
    const queue = [...this.unread()];
    const worker = async (): Promise<void> => {
      for (let i = queue.shift(); i && run === this.run; i = queue.shift()) {
        const item = await session.record(i.folderId, i.recordId).catch(() => null);
        if (item && run === this.run) await this.open(session, item, run);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (run === this.run) this.retrying.set(false);
  }
  /** A record and what is in it, both at once: in between, nothing that it says may look absent. False: the reader has gone on. */
  private async open(session: Session, item: RecordItem, run: number): Promise<boolean> {
    const found = isClinical(item) ? await this.entriesOf(session, item, false, run) : [];
    if (run !== this.run) return false;
    this.put(session, item.folderId, item.recordId, item, found);
    return true;
  }
  private put(session: Session, folderId: Hash, recordId: Hash, item: RecordItem | null, found: Entry[] | null): void {
    if (this.recalled() || this.isReading()) this.renewed.add(recordId);
    const before = this.byId().get(recordId);
    if (before) this.bodies.delete(`${recordId}/${before.version}`);
    const isSame = item !== null && before?.version === item.version; // read anew: it stays where it stands
    this.items.update((old) => (isSame ? old.map((i) => (i.recordId === recordId ? item : i)) : [...(item ? [item] : []), ...old.filter((i) => i.recordId !== recordId)]));
    this.entries.update((old) => [...old.filter((e) => e.recordId !== recordId), ...(found ?? [])]);
    this.notOpened.update((old) => new Set([...[...old].filter((id) => id !== recordId), ...(found ? [] : [recordId])]));
    session.search.drop(folderId, recordId);
    if (item) session.search.put(item, wordsOf(found ?? []));
    this.keepSoon();
  }
}

export function byRecord(entries: Entry[]): Map<string, Entry[]> {
  const by = new Map<string, Entry[]>();
  for (const e of entries) {
    const list = by.get(e.recordId);
    if (list) list.push(e);
    else by.set(e.recordId, [e]);
  }
  return by;
}
const wordsOf = (entries: Entry[]): { entry: number | null; text: string }[] => entries.map((e) => ({ entry: e.index, text: `${e.title} ${e.date} ${e.words}` }));

/** What is in it goes into the chart. */
function isClinical(i: RecordItem): boolean {
  return i.status === 'active' && i.meta !== null && isFhir(i.meta.contentType);
}
/** Nobody knows what is in it: it failed a check. That it is removed or in error is believed only from the chain. */
function isBroken(i: RecordItem): boolean {
  return i.error !== null && (i.status === 'active' || !i.proof.checks.some((c) => c.id === 'slot' && c.state === 'passed'));
}
export function isFhir(contentType: string): boolean {
  return /^application\/(fhir\+)?json/.test(contentType);
}
/** The resources of a FHIR record: a Bundle's entries, or the one resource. */
export async function resourcesIn(recordId: string, body: RecordBody): Promise<Entry[]> {
  if (!body.bytes) return [];
  const { parseJson } = await core();
  const root = parseJson(new TextDecoder().decode(body.bytes)) as Resource;
  if (str(root, 'resourceType') !== 'Bundle') return [toEntry(recordId, null, root)];
  const list = Array.isArray(root['entry']) ? root['entry'] : [];
  const byUrl = new Map<string, Resource>();
  const found = list.map((x) => {
    const r = at(x, 'resource');
    if (r === null || typeof r !== 'object' || Array.isArray(r) || str(r, 'resourceType') === '') return null;
    if (str(x, 'fullUrl')) byUrl.set(str(x, 'fullUrl'), r as Resource);
    if (str(r, 'id')) byUrl.set(`${str(r, 'resourceType')}/${str(r, 'id')}`, r as Resource);
    return r as Resource;
  });
  return found.flatMap((r, i) => (r === null ? [] : [toEntry(recordId, i, r, (reference) => byUrl.get(reference))]));
}
