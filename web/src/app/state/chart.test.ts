// SPDX-License-Identifier: Apache-2.0
import '@angular/compiler';
import '@angular/localize/init';
import { Injector, runInInjectionContext } from '@angular/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CoreError } from '../../core/types';
import { core, type Folder, type RecordBody, type RecordItem, type Session } from './core';
import { toEntry, type Entry } from '../fhir/summary';
import type { Resource } from '../fhir/read';
import { Chart, OLD_AFTER_MS } from './chart';
import { Person } from './person';
import { snapshotRead, snapshotWrite } from './snapshot';

type Hash = RecordItem['recordId'];
const folder = (id: string, more: Partial<Folder> = {}): Folder => ({ folderId: id as Hash, name: id, ownerName: `Owner of ${id}`, mine: false, permissions: 7, notAfter: 0, ...more }) as Folder;
const A = folder('0xaa');
const B = folder('0xbb');
function item(f: Folder, id: string): RecordItem {
  return { folderId: f.folderId, recordId: id as Hash, version: 1, status: 'active', meta: { contentType: 'application/fhir+json', category: 'notes', size: 9 }, error: null, proof: { facts: { commitment: id }, checks: [] }, history: [] } as unknown as RecordItem;
}
const allergy = (name: string): string =>
  `{"resourceType":"AllergyIntolerance","id":"x","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"s","code":"${name}"}],"text":"${name}"}}`;
/** A body that the core gives out as a file only. */
const LARGE = 'large';
/** Something that ends when the test says so. */
function gate<T>(): { wait: Promise<T>; open: (v: T) => void; fail: (e: unknown) => void } {
  let open!: (v: T) => void;
  let fail!: (e: unknown) => void;
  const wait = new Promise<T>((yes, no) => ((open = yes), (fail = no)));
  return { wait, open, fail };
}

/** A node that holds what the test puts in, and one who is signed in there. */
class World {
  readonly lists = new Map<string, RecordItem[]>();
  readonly bodies = new Map<string, string | Promise<string>>();
  readonly kept: string[] = [];
  keptLast: Uint8Array | null = null;
  readonly dropped: string[] = [];
  readonly searched: RecordItem[] = [];
  folders: () => Promise<Folder[]> = () => Promise.resolve([A, B]);
  record: (folderId: Hash, id: Hash) => Promise<RecordItem> = (f, id) => Promise.resolve(item(f === A.folderId ? A : B, id));
  listing = Promise.resolve();
  keptChart: Uint8Array | null = null;
  signedIn: Session | null = this.session();
  wipe: () => void = () => undefined;
  readonly chart: Chart;

  constructor() {
    const person = { need: () => this.signedIn!, session: () => this.signedIn, onWipe: (w: () => void) => (this.wipe = w) };
    const injector = Injector.create({ providers: [{ provide: Person, useValue: person }] });
    this.chart = runInInjectionContext(injector, () => new Chart());
  }
  session(): Session {
    const read = async (i: RecordItem): Promise<RecordBody> => {
      const text = await this.bodies.get(i.recordId);
      if (text === undefined) throw new CoreError('E_AWAY', 'the node does not answer');
      const bytes = text === LARGE ? null : new TextEncoder().encode(text);
      return { item: i, bytes, blob: new Blob([text]), proof: i.proof };
    };
    const world = this;
    return {
      folders: () => this.folders(),
      async *list(f: string) {
        await world.listing;
        yield world.lists.get(f) ?? [];
      },
      record: (f: Hash, id: Hash) => this.record(f, id), read, readListed: read,
      search: { put: (i: RecordItem) => void this.searched.push(i), drop: () => undefined, prepare: () => undefined },
      local: {
        get: () => Promise.resolve(this.keptChart), put: (id: string, b: Uint8Array) => (this.kept.push(id), (this.keptLast = b), Promise.resolve()), drop: (id: string) => (this.dropped.push(id), Promise.resolve()),
      },
    } as unknown as Session;
  }
  signOut(): void {
    this.signedIn = null;
    this.wipe();
  }
  allergies(): string[] {
    return this.chart.sections().allergies.map((e) => e.title);
  }
}
const settled = (): Promise<void> => new Promise((go) => setTimeout(go, 5));

let w: World;
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  w = new World();
  w.lists.set(A.folderId, [item(A, '0xa1')]);
  w.lists.set(B.folderId, [item(B, '0xb1')]);
  w.bodies.set('0xa1', allergy('Latex'));
  w.bodies.set('0xb1', allergy('Peanut'));
});

describe('a reference inside a bundle', () => {
  it('finds no entry that has neither address nor id', async () => {
    const entries = ['{"resourceType":"Medication","code":{"text":"Warfarin"}}', '{"resourceType":"MedicationRequest","status":"active","medicationReference":{"reference":"Medication/"}}'];
    w.bodies.set('0xa1', `{"resourceType":"Bundle","entry":[${entries.map((e) => `{"resource":${e}}`).join(',')}]}`);
    await w.chart.use(A);
    expect(w.chart.sections().medications.map((e) => e.title)).toEqual(['MedicationRequest']);
  });
});
describe('a record that was just added', () => {
  it('stands in the chart it was added to', async () => {
    await w.chart.use(A);
    w.bodies.set('0xa2', allergy('Penicillin'));
    expect(await w.chart.renew(A.folderId, '0xa2')).toBe('there');
    expect(w.allergies()).toEqual(['Latex', 'Penicillin']);
  });
  it('does not land in a chart that was opened before the node told of it', async () => {
    await w.chart.use(A);
    const late = gate<RecordItem>();
    w.record = () => late.wait;
    w.bodies.set('0xa2', allergy('Penicillin'));
    const renewed = w.chart.renew(A.folderId, '0xa2');
    await w.chart.use(B);
    late.open(item(A, '0xa2'));
    expect(await renewed).toBe('elsewhere');
    expect(w.chart.items().map((i) => i.recordId)).toEqual(['0xb1']);
    expect(w.allergies()).toEqual(['Peanut']);
  });
  it('does not land in a chart that was opened while its body came', async () => {
    await w.chart.use(A);
    const late = gate<string>();
    w.bodies.set('0xa2', late.wait);
    const renewed = w.chart.renew(A.folderId, '0xa2');
    await settled();
    await w.chart.use(B);
    late.open(allergy('Penicillin'));
    expect(await renewed).toBe('elsewhere');
    expect(w.allergies()).toEqual(['Peanut']);
  });
  it('is not asked for when its folder is not the one in use', async () => {
    await w.chart.use(B);
    w.record = () => Promise.reject(new Error('not to be asked'));
    expect(await w.chart.renew(A.folderId, '0xa2')).toBe('elsewhere');
    expect(w.chart.items()).toHaveLength(1);
  });
  it('does not land in the chart of whoever signs in next', async () => {
    await w.chart.use(A);
    const late = gate<RecordItem>();
    w.record = () => late.wait;
    const renewed = w.chart.renew(A.folderId, '0xa2');
    w.signOut();
    w.signedIn = w.session();
    late.open(item(A, '0xa2'));
    expect(await renewed).toBe('elsewhere');
    expect(w.chart.items()).toEqual([]);
  });
  it('whose reading fails after another chart was opened does not say so there', async () => {
    await w.chart.use(A);
    const late = gate<RecordItem>();
    w.record = () => late.wait;
    const renewed = w.chart.renew(A.folderId, '0xa2');
    await w.chart.use(B);
    late.fail(new CoreError('E_AWAY', 'away'));
    expect(await renewed).toBe('elsewhere');
  });
});
describe('a record added while the chart is still being read', () => {
  it('stays, though the list was begun before it was written', async () => {
    const late = gate<string>();
    w.bodies.set('0xa1', late.wait);
    w.bodies.set('0xa2', allergy('Penicillin'));
    const opening = w.chart.use(A);
    await settled();
    await w.chart.renew(A.folderId, '0xa2');
    late.open(allergy('Latex'));
    await opening;
    expect(w.chart.items().map((i) => i.recordId)).toEqual(['0xa2', '0xa1']);
    expect(w.allergies()).toEqual(['Penicillin', 'Latex']);
  });
  it('stands there once, as it is now', async () => {
    const late = gate<string>();
    w.bodies.set('0xa1', late.wait);
    const opening = w.chart.use(A);
    await settled();
    w.bodies.set('0xa1', allergy('Latex and rubber'));
    await w.chart.renew(A.folderId, '0xa1');
    late.open(allergy('Latex'));
    await opening;
    expect(w.chart.items()).toHaveLength(1);
    expect(w.allergies()).toEqual(['Latex and rubber']);
  });
  it('stays when what the device kept is shown and checked anew', async () => {
    const late = gate<void>();
    w.listing = late.wait;
    w.keptChart = snapshotWrite({ at: 5, items: [item(A, '0xa1')], entries: [], notOpened: [] });
    w.bodies.set('0xa2', allergy('Penicillin'));
    const own = { ...A, mine: true };
    const opening = w.chart.use(own);
    await settled();
    await w.chart.renew(A.folderId, '0xa2');
    late.open();
    await opening;
    expect(w.chart.items().map((i) => i.recordId)).toEqual(['0xa2', '0xa1']);
    expect(w.allergies().sort()).toEqual(['Latex', 'Penicillin']);
  });
});
describe('a record that cannot be opened', () => {
  const broken = (f: Folder, id: string, slot: 'passed' | 'failed', status = 'active'): RecordItem =>
    ({ ...item(f, id), meta: null, status, error: { code: 'E_MISMATCH', message: 'changed' }, proof: { facts: { commitment: id }, checks: [{ id: 'slot', state: slot, text: '' }] } }) as unknown as RecordItem;
  const unread = (): string[] => w.chart.unread().map((i) => i.recordId);
  it('is counted, and not for good: it is read anew when the reader asks for it', async () => {
    w.lists.set(A.folderId, [item(A, '0xa1'), item(A, '0xa2')]);
    await w.chart.use(A);
    expect(w.chart.isReading()).toBe(false);
    expect(unread()).toEqual(['0xa2']);
    expect(w.chart.clinical()).toHaveLength(2);
    await w.chart.retry();
    expect(unread()).toEqual(['0xa2']);
    w.bodies.set('0xa2', allergy('Penicillin'));
    await w.chart.retry();
    expect(unread()).toEqual([]);
    expect(w.allergies()).toEqual(['Latex', 'Penicillin']);
    expect(w.chart.items().map((i) => i.recordId)).toEqual(['0xa1', '0xa2']);
  });
  it('stays counted while it is read anew', async () => {
    w.lists.set(A.folderId, [broken(A, '0xa2', 'failed')]);
    await w.chart.use(A);
    const late = gate<string>();
    w.bodies.set('0xa2', late.wait);
    const again = w.chart.retry();
    await settled();
    expect(unread()).toEqual(['0xa2']);
    late.open(allergy('Penicillin'));
    await again;
    expect(unread()).toEqual([]);
  });
  it('is one that the node does not name any more when it is asked again', async () => {
    w.lists.set(A.folderId, [item(A, '0xa2')]);
    await w.chart.use(A);
    w.record = () => Promise.reject(new CoreError('E_NOT_FOUND', 'no such record'));
    await w.chart.retry();
    expect(unread()).toEqual(['0xa2']);
  });
  it('is one that failed its proof; that it was removed counts only as the chain says so', async () => {
    w.lists.set(A.folderId, [broken(A, '0xa1', 'passed'), broken(A, '0xa2', 'passed', 'removed'), broken(A, '0xa3', 'failed', 'removed')]);
    await w.chart.use(A);
    expect(unread()).toEqual(['0xa1', '0xa3']);
  });
  it('is one that is no FHIR though it says so, or too large for memory', async () => {
    w.lists.set(A.folderId, [item(A, '0xa1'), item(A, '0xa2')]);
    w.bodies.set('0xa1', 'no JSON');
    w.bodies.set('0xa2', LARGE);
    await w.chart.use(A);
    expect(unread()).toEqual(['0xa1', '0xa2']);
  });
  it('is no document, which the reader opens when it is wanted', async () => {
    const scan = { ...item(A, '0xa2'), meta: { contentType: 'application/pdf', category: 'notes', size: 9 } } as unknown as RecordItem;
    w.lists.set(A.folderId, [item(A, '0xa1'), scan]);
    await w.chart.use(A);
    expect(unread()).toEqual([]);
  });
  it('is told of what the device kept, too', async () => {
    w.keptChart = snapshotWrite({ at: 5, items: [item(A, '0xa1'), item(A, '0xa2')], entries: [], notOpened: ['0xa2'] });
    const late = gate<void>();
    w.listing = late.wait;
    void w.chart.use({ ...A, mine: true });
    await settled();
    expect(w.chart.recalled()).toBe(5);
    expect(unread()).toEqual(['0xa2']);
    late.open();
    await settled();
    expect(unread()).toEqual([]);
  });
});
describe('a kept chart that is being checked anew', () => {
  const own = { ...A, mine: true };
  const unread = (): string[] => w.chart.unread().map((i) => i.recordId).sort();
  const entry = (id: string, name: string): Entry => toEntry(id, null, JSON.parse(allergy(name)) as Resource);
  const amended = (id: string): RecordItem => ({ ...item(A, id), version: 2, proof: { facts: { commitment: `${id}/2` }, checks: [] } }) as unknown as RecordItem;
  const keep = (ids: string[], entries: Entry[], notOpened: string[] = []): void => {
    w.keptChart = snapshotWrite({ at: 5, items: ids.map((id) => item(A, id)), entries, notOpened });
  };
  it('calls nothing absent and keeps what was shown until the last body is in', async () => {
    keep(['0xa1', '0xa2', '0xa3'], [entry('0xa1', 'Latex'), entry('0xa3', 'Peanut')], ['0xa2']);
    w.lists.set(A.folderId, [amended('0xa1'), item(A, '0xa2'), item(A, '0xa3'), item(A, '0xa4')]);
    const [late, yesterday, added] = [gate<string>(), gate<string>(), gate<string>()];
    for (const [id, g] of [['0xa1', late], ['0xa2', yesterday], ['0xa4', added]] as const) w.bodies.set(id, g.wait);
    const opening = w.chart.use(own);
    await settled();
    expect(w.chart.recalled()).toBe(5);
    expect(w.chart.isOpening()).toBe(true);
    expect(unread()).toEqual(['0xa1', '0xa2', '0xa4']);
    expect(w.allergies().sort()).toEqual(['Latex', 'Peanut']);
    late.open(allergy('Latex and rubber'));
    yesterday.open(allergy('Penicillin'));
    added.fail(new CoreError('E_AWAY', 'away'));
    await opening;
    expect(w.chart.isOpening()).toBe(false);
    expect(unread()).toEqual(['0xa4']);
    expect(w.allergies().sort()).toEqual(['Latex and rubber', 'Peanut', 'Penicillin']);
  });
  it('shows what an amended record said no longer when it cannot be opened, and says that it is missing', async () => {
    keep(['0xa1'], [entry('0xa1', 'Latex')]);
    w.lists.set(A.folderId, [amended('0xa1')]);
    w.bodies.delete('0xa1');
    await w.chart.use(own);
    expect([unread(), w.allergies()]).toEqual([['0xa1'], []]);
    w.keptChart = w.keptLast;
    await w.chart.reload();
    expect(unread()).toEqual(['0xa1']);
  });
  it('still tells of a record that failed again when the reader asked for it meanwhile', async () => {
    keep(['0xa1', '0xa2'], [entry('0xa1', 'Latex')], ['0xa2']);
    w.lists.set(A.folderId, [item(A, '0xa1'), item(A, '0xa2')]);
    const late = gate<void>();
    w.listing = late.wait;
    const opening = w.chart.use(own);
    await settled();
    await w.chart.retry();
    expect(unread()).toEqual(['0xa2']);
    late.open();
    await opening;
    expect(unread()).toEqual(['0xa2']);
    const { JsonNumber } = await core();
    expect(snapshotRead(w.keptLast!, (t) => new JsonNumber(t))?.notOpened).toEqual(['0xa2']);
  });
  it('still tells of a record that was added meanwhile and could not be opened', async () => {
    for (const f of [own, A]) {
      keep(['0xa1'], [entry('0xa1', 'Latex')]);
      const late = gate<void>();
      w.listing = late.wait;
      const opening = w.chart.use(f);
      await settled();
      await w.chart.renew(A.folderId, '0xa2');
      late.open();
      await opening;
      expect(unread()).toEqual(['0xa2']);
      w.chart.clear();
    }
  });
});
describe('a chart that was open before', () => {
  const ids = (): string[] => w.chart.items().map((i) => i.recordId);
  const given = (...all: Folder[]): void => void (w.folders = () => Promise.resolve(all));
  afterEach(() => void vi.useRealTimers());
  /** Time goes by; what waits for it meanwhile is done. */
  const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  it('is read anew after a while, with the time of the check', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await w.chart.useId(A.folderId);
    const first = w.chart.checkedAt();
    expect(first).toBe(Date.now());
    w.lists.set(A.folderId, [item(A, '0xa2'), item(A, '0xa1')]);
    await w.chart.useId(A.folderId);
    expect(ids()).toEqual(['0xa1']);
    vi.setSystemTime(Date.now() + OLD_AFTER_MS + 1);
    await w.chart.useId(A.folderId);
    expect(ids()).toEqual(['0xa2', '0xa1']);
    expect(w.chart.checkedAt()).toBeGreaterThan(first);
  });
  it('is read anew whenever the reader asks for it', async () => {
    await w.chart.useId(A.folderId);
    w.lists.set(A.folderId, [item(A, '0xa2'), item(A, '0xa1')]);
    given({ ...A, permissions: 1 });
    await w.chart.again();
    expect(ids()).toEqual(['0xa2', '0xa1']);
    expect(w.chart.folder()?.permissions).toBe(1);
  });
  it('stays as it is when the node does not answer to that', async () => {
    await w.chart.useId(A.folderId);
    w.folders = () => Promise.reject(new CoreError('E_AWAY', 'away'));
    await w.chart.again();
    expect(ids()).toEqual(['0xa1']);
    expect(w.chart.fault()?.detail).toContain('E_AWAY');
  });
  it('has the rights of now, as soon as they are known', async () => {
    await w.chart.useId(A.folderId);
    given({ ...A, permissions: 1 }, B);
    await w.chart.loadFolders();
    await w.chart.useId(A.folderId);
    expect(w.chart.mayAdd()).toBe(false);
  });
  it('opens again when it was over and is shared again', async () => {
    const over = new CoreError('E_FORBIDDEN', 'the grant is over');
    w.listing = Promise.reject(over);
    await w.chart.useId(A.folderId);
    expect(w.chart.ended()).toBe(true);
    w.listing = Promise.resolve();
    await w.chart.useId(A.folderId);
    expect(w.chart.ended()).toBe(false);
    expect(w.allergies()).toEqual(['Latex']);
  });
  it('stays open when its time was prolonged, and closes when it was not', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const ends = Math.floor(Date.now() / 1000) + 60;
    const short = { ...A, notAfter: ends, state: 'live' } as Folder;
    given(short);
    void w.chart.useId(A.folderId);
    await later(1000);
    given({ ...short, notAfter: ends + 60 });
    await later(70_000);
    expect([w.chart.ended(), w.chart.folder()?.notAfter, w.dropped]).toEqual([false, ends + 60, []]);
    await later(60_000);
    expect([w.chart.ended(), w.dropped]).toEqual([true, [A.folderId]]);
  });
  it('closes when its time is over and the node does not answer', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    given({ ...A, notAfter: Math.floor(Date.now() / 1000) + 60, state: 'live' } as Folder);
    void w.chart.useId(A.folderId);
    await later(1000);
    w.folders = () => new Promise(() => undefined);
    await later(70_000);
    expect(w.chart.ended()).toBe(true);
  });
});
describe('a folder that is not there', () => {
  it('leaves nothing of the chart before on the page, also when the reader tries again', async () => {
    await w.chart.useId(A.folderId);
    for (const wish of [() => w.chart.useId('0xcc'), () => w.chart.again()]) {
      await wish();
      expect([w.chart.folder(), w.chart.items(), w.allergies()]).toEqual([null, [], []]);
      expect(w.chart.fault()?.detail).toContain('E_NOT_FOUND');
    }
    w.folders = () => Promise.resolve([folder('0xcc')]);
    await w.chart.again();
    expect([w.chart.folder()?.folderId, w.chart.fault()]).toEqual(['0xcc', null]);
  });
  it('leaves nothing of the chart before while the list of folders is waited for', async () => {
    await w.chart.use(A);
    w.folders = () => new Promise(() => undefined);
    void w.chart.useId(B.folderId);
    expect([w.chart.folder(), w.allergies()]).toEqual([null, []]);
  });
});
describe("one's own folder", () => {
  it('is the one in use, else the one of the last visit, else the first', async () => {
    const [first, second] = [{ ...A, mine: true }, { ...B, mine: true }];
    expect(w.chart.ownOf([folder('0xcc'), first, second])).toBe(first);
    vi.stubGlobal('localStorage', { getItem: () => B.folderId, setItem: () => undefined });
    expect(w.chart.ownOf([first, second])).toBe(second);
    await w.chart.use(first);
    expect(w.chart.ownOf([first, second])).toBe(first);
    expect(w.chart.ownOf([folder('0xcc')])).toBeUndefined();
  });
});
describe('a list of folders that could not be read', () => {
  it('is asked for again, by the reader or when the node is back', async () => {
    const mine = { ...A, mine: true };
    for (const again of [() => w.chart.again(), () => w.chart.goOn()]) {
      w.chart.clear();
      w.folders = () => Promise.reject(new CoreError('E_AWAY', 'away'));
      await w.chart.useOwn();
      expect(w.chart.fault()?.detail).toContain('E_AWAY');
      w.folders = () => Promise.resolve([mine]);
      await again();
      expect([w.chart.folder(), w.chart.fault()]).toEqual([mine, null]);
    }
  });
  it('is one more reason to read what could not be opened, when the node is back', async () => {
    w.bodies.delete('0xa1');
    await w.chart.use(A);
    w.bodies.set('0xa1', allergy('Latex'));
    await w.chart.goOn();
    expect(w.allergies()).toEqual(['Latex']);
  });
});
describe('what ends after the reader has gone on', () => {
  it('a refusal of the chart before does not close this one', async () => {
    const late = gate<string>();
    w.bodies.set('0xa1', late.wait);
    void w.chart.use(A);
    await settled();
    await w.chart.use(B);
    late.fail(new CoreError('E_FORBIDDEN', 'the grant is over'));
    await settled();
    expect(w.chart.ended()).toBe(false);
    expect(w.dropped).toEqual([]);
    expect(w.allergies()).toEqual(['Peanut']);
  });
  it('words of the chart before are not put into the search', async () => {
    const late = gate<string>();
    w.bodies.set('0xa1', late.wait);
    void w.chart.use(A);
    await settled();
    w.signOut();
    const before = w.searched.length;
    late.open(allergy('Latex'));
    await settled();
    expect(w.searched).toHaveLength(before);
  });
  it('a body is not kept after signing out', async () => {
    await w.chart.use(A);
    const late = gate<string>();
    w.bodies.set('0xa1', late.wait);
    const body = w.chart.body(item(A, '0xa1'));
    w.signOut();
    late.open(allergy('Latex'));
    await body;
    w.signedIn = w.session();
    w.bodies.set('0xa1', 'another');
    expect(await (await w.chart.body(item(A, '0xa1'))).blob.text()).toBe('another');
  });
  it("one person's folders are not listed to the next", async () => {
    const late = gate<Folder[]>();
    w.folders = () => late.wait;
    const opening = w.chart.useId(A.folderId);
    w.signOut();
    w.signedIn = w.session();
    late.open([A]);
    await opening;
    expect(w.chart.folders()).toBeNull();
    expect(w.chart.folder()).toBeNull();
  });
  it('of two wishes to open a folder the last one counts, in whatever order they end', async () => {
    const late = gate<Folder[]>();
    w.folders = () => late.wait;
    const first = w.chart.useId(A.folderId);
    w.folders = () => Promise.resolve([A, B]);
    await w.chart.useId(B.folderId);
    late.open([A, B]);
    await first;
    expect(w.chart.folder()?.folderId).toBe(B.folderId);
  });
});
