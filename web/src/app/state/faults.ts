// SPDX-License-Identifier: Apache-2.0
// Failures in words: what happened, what is safe, what to do next.
import { codeOf } from './core';

export interface Fault {
  what: string;
  next: string;
  /** For support and for those who know; shown folded. */
  detail: string;
  /** The person said no: nothing is wrong. */
  calm?: boolean;
}

function words(code: string): [string, string] | null {
  switch (code) {
    case 'E_AWAY':
      return [$localize`The node cannot be reached.`, $localize`Nothing was lost. Check the connection. The page reads on by itself when the node is back; what you wanted to change, change then.`];
    case 'E_UNAVAILABLE':
    case 'E_TIMEOUT':
      return [$localize`The node does not answer as it should.`, $localize`Nothing was lost. Try again in a minute.`];
    case 'E_STALE':
      return [$localize`The node is not up to date, so it gives nothing out.`, $localize`Your records are safe. Try again in a minute.`];
    case 'E_HEAD_OLDER':
      return [$localize`The node's ledger is older than what this page has seen.`, $localize`Nothing more is done until this is clear. Try again in a minute. If it stays so, ask who runs the node whether it was set back to a backup; if it was, load the page again.`];
    case 'E_COST':
      return [$localize`This would cost more than one ether.`, $localize`Nothing was signed or sent. The fees are what the node says: try again later, or tell who runs the node. The figures are below.`];
    case 'E_CLOCK':
      return [$localize`The node's clock is more than a day ahead of this device's.`, $localize`Nothing was signed. Set this device's clock; if it is right, tell who runs the node. Both times are below.`];
    case 'E_UNKNOWN':
      return [$localize`No answer came whether this was written.`, $localize`It may be there, or come within half an hour. Look whether it is before you repeat it.`];
    case 'E_CANCELLED':
      return [$localize`Stopped, as you asked.`, $localize`Nothing was changed.`];
    case 'E_REFUSED':
      return [$localize`You said no in your wallet.`, $localize`Nothing was changed. You can try again at any time.`];
    case 'E_WALLET':
      return [$localize`Your wallet is locked, or shows another account or network.`, $localize`Nothing was changed. Unlock the wallet, choose the account you signed in with, and try again.`];
    case 'E_OTHER_IDENTITY':
      return [$localize`This key belongs to another account than your wallet shows.`, $localize`Nothing was changed. Choose in your wallet the account that you signed up with, or use the recovery code or key file of this account.`];
    case 'E_PASSPHRASE':
      return [$localize`This does not unlock your record.`, $localize`Nothing was changed. Check capital letters and spaces, or use another way to unlock.`];
    case 'E_LOCKED':
      return [$localize`The page was locked.`, $localize`Sign in again; your place is kept.`];
    case 'E_FORBIDDEN':
    case 'E_AUTH':
      return [$localize`You may not open this now.`, $localize`The owner may have stopped sharing, or the time is over. You can ask for access again.`];
    case 'E_EXPIRED':
      return [$localize`The time you were given is over.`, $localize`You can ask for access again.`];
    case 'E_NOT_FOUND':
    case 'E_GONE':
    case 'E_REMOVED':
      return [$localize`This is not there.`, $localize`It may have been removed by its owner.`];
    case 'E_CONFLICT':
      return [$localize`Somebody else changed this at the same time.`, $localize`Nothing of yours was lost. Load it again and repeat your change.`];
    case 'E_REVERTED':
      return [$localize`The contract refused this.`, $localize`Nothing was changed. Load the page again; the reason is below.`];
    case 'E_MISMATCH':
    case 'E_DECRYPT':
    case 'E_SIGNATURE':
    case 'E_CORRUPT':
      return [$localize`What was stored is not what was signed.`, $localize`The page shows nothing that fails its checks. Tell the administrator, with the details below.`];
    case 'E_CARD_CHANGED':
      return [$localize`The key card of this person is not the one you know.`, $localize`Nothing was shared. Choose the person again, compare the fingerprint as the page tells, and share only if it is the same.`];
    case 'E_AUTHORITY':
      return [$localize`The ledger is signed by somebody else than before.`, $localize`Your records are safe; nothing is shown until this is clear. Ask who runs the node whether the change is meant.`];
    case 'E_STATE_OLDER':
      return [$localize`The node's copy of your folder list is not the one you wrote last.`, $localize`Nothing is shown until this is clear. Ask who runs the node whether it was set back to a backup. If it was, forget this device in Settings and sign in again, or use “ehr recover”.`];
    case 'E_STATE_UNPROVED':
      return [$localize`Nothing proves that the node's copy of your folder list is yours.`, $localize`Nothing is shown until this is clear. An older version of these programs may have written it: then take it over with “ehr recover NAME --accept-state”. Otherwise ask who runs the node. Forgetting this device does not help.`];
    case 'E_STATE':
      return [$localize`The node's copy of your folder list is not as you wrote it.`, $localize`Nothing is shown until this is clear. Ask who runs the node to bring back the list that you wrote. Forgetting this device does not help.`];
    case 'E_NO_KEY':
      return [$localize`You have no key for this part.`, $localize`Ask the owner to share it with you again.`];
    case 'E_TOO_LONG':
      return [$localize`This is too large.`, $localize`Nothing was sent. Split it into smaller files.`];
    case 'E_THROTTLED':
      return [$localize`Too many tries in a short time.`, $localize`Nothing was lost. Wait a few minutes.`];
    case 'E_SYNTAX':
      return [$localize`This cannot be read.`, $localize`Nothing was changed. Check that it is complete.`];
    case 'E_UNSUPPORTED':
      return [$localize`This browser or device cannot do that.`, $localize`Choose another way.`];
    default:
      return null;
  }
}

export function faultOf(e: unknown): Fault {
  const code = codeOf(e);
  const detail = e instanceof Error ? [code, e.message].filter(Boolean).join(': ') : String(e);
  const [what, next] = words(code) ?? [$localize`The page could not finish this.`, $localize`Nothing was sent that you did not see confirmed. Try again; if it stays, give the details below to your administrator.`];
  return { what, next, detail, calm: code === 'E_CANCELLED' || code === 'E_REFUSED' };
}
