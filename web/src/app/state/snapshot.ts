// SPDX-License-Identifier: Apache-2.0
// An opened chart as bytes, to be sealed and kept on the device, and back. Decimals keep their text. Pure.
import type { JsonObject, JsonValue } from '../../core/codec/json';
import type { Entry } from '../fhir/summary';
import type { RecordItem } from './core';

export interface Snapshot {
  /** When it was checked, ms. */
  at: number;
  items: RecordItem[];
  entries: Entry[];
  /** Ids of the records whose content could not be opened then: without them nothing may be called absent. */
  notOpened: string[];
}
type MakeNumber = (text: string) => JsonValue;
const FORMAT = 'ehrd page-chart/v3';
/** A number in the snapshot: no FHIR element has this name. */
const NUMBER = '#';

function pack(v: JsonValue): unknown {
  if (Array.isArray(v)) return v.map(pack);
  if (v === null || typeof v !== 'object') return v;
  if (typeof (v as { toNumber?: unknown }).toNumber === 'function') return { [NUMBER]: String(v) };
  const out: Record<string, unknown> = {};
  for (const k of Object.keys(v)) if (k !== NUMBER) out[k] = pack((v as JsonObject)[k]!);
  return out;
}
function unpack(v: unknown, number: MakeNumber): JsonValue {
  if (v === null || typeof v !== 'object') return v as JsonValue;
  if (Array.isArray(v)) {
    for (let i = 0; i < v.length; i++) v[i] = unpack(v[i], number);
    return v as JsonValue;
  }
  const o = v as Record<string, unknown>;
  const text = o[NUMBER];
  if (typeof text === 'string') return number(text);
  for (const k in o) {
    const x = o[k];
    if (x !== null && typeof x === 'object') o[k] = unpack(x, number);
  }
  return o as JsonObject;
}

export function snapshotWrite(s: Snapshot): Uint8Array<ArrayBuffer> {
  // What a proof says in words is made anew when a record is opened.
  const items = s.items.map((i) => ({ ...i, proof: { ...i.proof, checks: [] } }));
  const entries = s.entries.map((e) => [e.recordId, e.index, e.type, e.title, e.date, pack(e.resource), e.words]);
  return new TextEncoder().encode(JSON.stringify({ ehrd: FORMAT, at: s.at, items, entries, notOpened: s.notOpened }));
}
/** null: of another form. The bytes were authenticated when they were opened. */
export function snapshotRead(b: Uint8Array, number: MakeNumber): Snapshot | null {
  try {
    const v = JSON.parse(new TextDecoder().decode(b)) as { ehrd?: unknown; at: number; items: RecordItem[]; entries: [string, number | null, string, string, string, unknown, string][]; notOpened: string[] };
    if (v.ehrd !== FORMAT || !Array.isArray(v.items) || !Array.isArray(v.entries) || !Array.isArray(v.notOpened)) return null;
    const entries = v.entries.map(([recordId, index, type, title, date, r, words]) => ({ recordId, index, type, title, date, resource: unpack(r, number) as JsonObject, words }));
    return { at: v.at, items: v.items, entries, notOpened: v.notOpened };
  } catch {
    return null;
  }
}
