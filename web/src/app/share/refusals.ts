// SPDX-License-Identifier: Apache-2.0
// Why a node refused, in the reader's language. The log is signed as the node wrote it, in English (src/api).
import { number } from '../state/words';

const NOT_WRITTEN = / \((\d+) refusals before it were not written\)$/;

function word(reason: string): string {
  switch (reason) {
    case 'the grant was revoked':
      return $localize`you had stopped sharing`;
    case 'no grant':
      return $localize`nothing was shared with them`;
    case 'the grant has not begun':
      return $localize`the time they were given had not begun`;
    case 'the grant is over':
      return $localize`the time they were given was over`;
    case "only the folder's owner may do this":
      return $localize`only you may do that`;
    case "the wrap is another holder's":
      return $localize`it was meant for somebody else`;
    case "the account of the folder's owner is suspended or over":
      return $localize`your own account was suspended or over`;
    case "the signer's account is suspended or over":
    case "the account of the signer's certificate is not active":
    case 'the account of the signer is suspended or over':
    case 'the signer is not an active account':
      return $localize`their account was suspended or over`;
    case 'no certificate names an account for the signer':
    case "the signer's certificate is over":
      return $localize`the service could not tell whose request it was`;
    case "the account's own key must sign what destroys":
      return $localize`erasing needs the account's own key`;
    case 'no such record':
    case 'no such version':
    case 'no record refers to this body':
    case 'no such body in this folder':
    case 'the node does not hold this envelope':
    case 'removed':
      return $localize`it was not there any more, or never was`;
  }
  if (reason.startsWith('the grant lacks the permission')) return $localize`they may not do that`;
  if (reason.startsWith('the request was signed ')) return $localize`the request came too late, or from a device with a wrong clock`;
  return $localize`another reason, in the node's words: ${reason}:reason:`;
}
/** Each reason once, and how many refusals the log leaves out. */
export function refusalWords(reasons: string[]): string[] {
  const missed = reasons.reduce((n, r) => n + Number(NOT_WRITTEN.exec(r)?.[1] ?? 0), 0);
  const words = [...new Set(reasons.map((r) => word(r.replace(NOT_WRITTEN, ''))))];
  return missed ? [...words, $localize`${number(missed)}:count: more were not written down`] : words;
}
