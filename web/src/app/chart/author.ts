// SPDX-License-Identifier: Apache-2.0
// Who wrote a record, in words: the name that the description gives stands alone only where it is proved.
import type { RecordItem } from '../state/core';

export function authorText(i: RecordItem): string {
  const name = i.meta?.authorName ?? '';
  if (!i.meta) return '';
  switch (i.author?.verdict) {
    case 'proved': return name;
    case 'renamed': return $localize`${i.author.signer}:signer: (“${name}:name:” in the document)`;
    case 'owner': return $localize`${name}:name: (as the folder's owner says)`;
    case 'other': return i.author.signer ? $localize`“${name}:name:”, but signed by ${i.author.signer}:signer:` : $localize`“${name}:name:”, but signed by somebody else`;
    default: return $localize`${name}:name: (as the document says)`;
  }
}
export interface AuthorNote { isBad: boolean; text: string; }
/** What a reader of the record should know of it; null: nothing. */
export function authorNote(i: RecordItem): AuthorNote | null {
  const name = i.meta?.authorName ?? '';
  switch (i.meta ? i.author?.verdict : undefined) {
    case 'renamed': return { isBad: false, text: $localize`The document calls its author “${name}:name:”. On the card of the person who signed it stands “${i.author!.signer}:signer:”: it is a name of before, or a false one.` };
    case 'other': return { isBad: true, text: $localize`The document names “${name}:name:” as its author, but somebody else signed it. Do not rely on that name.` };
    case 'said': return { isBad: false, text: $localize`Nothing proves that “${name}:name:” wrote this: whose signature it bears is not known here.` };
    default: return null;
  }
}
