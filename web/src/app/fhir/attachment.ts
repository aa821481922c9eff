// SPDX-License-Identifier: Apache-2.0
// Notes and files inside a DocumentReference or DiagnosticReport. Pure.
import { arr, at, str, type JsonValue, type Resource } from './read';

export interface File {
  /** As whoever wrote the entry calls it, or what kind of file it is; "": neither is said. */
  name: string;
  contentType: string;
  /** Base64; "": it is not in the entry. */
  data: string;
  /** Where it is kept, when it is not in the entry. */
  url: string;
}
const attachments = (r: Resource): JsonValue[] => [...arr(r, 'content').map((c) => at(c, 'attachment') ?? null), ...arr(r, 'presentedForm')];

/** The clinical notes inside, decoded, or "". */
export function noteText(r: Resource): string {
  return attachments(r).map((a) => textOf(a) ?? '').filter(Boolean).join('\n\n');
}
/** What is inside, or named, and is no text. */
export function filesOf(r: Resource): File[] {
  return attachments(r).filter((a) => textOf(a) === null).map((a) => {
    const [data, url, contentType] = [str(a, 'data'), str(a, 'url'), str(a, 'contentType')];
    return { name: str(a, 'title') || contentType, contentType, data, url };
  }).filter((f) => f.data !== '' || f.url !== '');
}
const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (ch) => ch.charCodeAt(0));
/** Its bytes, or what stands in their place when that is no base64. */
export function fileBytes(f: File): Uint8Array<ArrayBuffer> {
  try {
    return bytesOf(f.data);
  } catch {
    return new TextEncoder().encode(f.data);
  }
}
/** null: there is none, or it is no text, or in no character set that is known. */
function textOf(a: JsonValue): string | null {
  const data = str(a, 'data');
  const type = str(a, 'contentType');
  if (!data || !/^text\/|^$/i.test(type)) return null;
  try {
    return new TextDecoder(/charset="?([\w:.-]+)/i.exec(type)?.[1] ?? 'utf-8').decode(bytesOf(data));
  } catch {
    return null;
  }
}
