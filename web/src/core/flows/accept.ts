// SPDX-License-Identifier: Apache-2.0
// Accepting a request for access: a grant that is never wider or longer than what was asked for (docs/formats.md, section 12).
import { askRead } from '../formats/signed.js';
import { type AccessRequest, type AcceptOrder, CoreError, type FlowOptions, type GrantView, type Hash } from '../types.js';
import type { Context } from './context.js';
import { askAnswer, askCheck } from './inbox.js';
import { grant } from './share.js';

/** All that was asked for, or less. E_RANGE: more, longer, or nothing. */
export function accepted(asked: Pick<AccessRequest, 'permissions' | 'duration'>, less: AcceptOrder, now: number): { permissions: number; notAfter: number } {
  const longest = now + asked.duration;
  const { permissions = asked.permissions, notAfter = longest } = less;
  if (permissions === 0 || notAfter <= now) throw new CoreError('E_RANGE', 'request: nothing would be given');
  if ((permissions & ~asked.permissions) !== 0 || notAfter > longest) throw new CoreError('E_RANGE', 'request: more or longer than was asked for');
  return { permissions, notAfter };
}
/** What was asked is read from the signed text anew, not from what a page made of it. */
export async function accept(c: Context, request: Pick<AccessRequest, 'text'>, folderId: Hash, less: AcceptOrder, o: FlowOptions): Promise<GrantView> {
  const asked = await askCheck(c, askRead(request.text));
  const order = { account: asked.account, name: asked.name, pinnedCard: asked.cardHash, comparedCard: less.comparedCard, ...accepted(asked, less, c.now()) };
  const view = await grant(c, folderId, order, o);
  await askAnswer(c, asked.id, 'accepted');
  return view;
}
