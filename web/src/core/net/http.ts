// SPDX-License-Identifier: Apache-2.0
// Requests to a node: signed by VaultRequest where there is a signer, with the node's refusals as CoreErrors.
import { toHex } from '../codec/bytes.js';
import type { Net } from '../codec/domain.js';
import { parseJson } from '../codec/json.js';
import { Members } from '../codec/text.js';
import { sha256, sha256Now } from '../crypto/kdf.js';
import { newNonce, typed } from '../formats/signed.js';
import { type Address, CoreError, type Hex, type TypedData } from '../types.js';

/** Whoever signs a request: an account, its certifier, an owner address, a holder. */
export interface RequestSigner {
  readonly address: Address;
  signTypedData(data: TypedData): Promise<Hex>;
  /** Who signs this request for the address, where another may: a wallet is not asked for each of them. */
  standIn?(a: Ask): Promise<RequestSigner>;
}
export interface Ask {
  method: string;
  /** Raw path and query. */
  target: string;
  body?: Uint8Array | Blob;
  /** SHA-256 of a body that is not in memory. */
  bodySha256?: Hex;
  type?: string;
  headers?: Record<string, string>;
  signer?: RequestSigner;
  /** The browser's session goes with it. */
  cookie?: boolean;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Statuses that are answers and no failures. */
  also?: number[];
}
export type Fetch = typeof fetch;
const TIMEOUT_MS = 30_000;
const NOTHING = toHex(sha256Now());
/** What a browser's session serves (docs/formats.md section 13). */
const BY_SESSION = /^\/api\/v1\/(cards|directory|registrations)(\/|$)/;

export class Http {
  /** The node's time minus ours, in seconds. */
  skew = 0;
  /** Whose session this browser has: its account matters need no signature of their own. */
  sessionOf: Address | null = null;
  constructor(
    readonly url: string,
    readonly origin: () => string,
    readonly net: () => Net,
    private readonly fetchOf: Fetch = (...a) => fetch(...a),
    private readonly onReach: (reached: boolean) => void = () => undefined,
  ) {}
  now(): number {
    return Math.floor(Date.now() / 1000) + this.skew;
  }
  private async authorization(a: Ask): Promise<string> {
    const body = a.bodySha256 ?? (a.body instanceof Uint8Array ? toHex(await sha256(a.body)) : NOTHING);
    const signer = (await a.signer!.standIn?.(a)) ?? a.signer!;
    const message = {
      signer: signer.address, origin: this.origin(), method: a.method, target: a.target, bodySha256: body, nonce: newNonce(), issuedAt: this.now(),
    };
    const signature = await signer.signTypedData(typed(this.net(), 'VaultRequest', message));
    return `Ehrd signer=${signer.address},nonce=${message.nonce},issued=${message.issuedAt},body=${body},signature=${signature}`;
  }
  /** The answer, whatever its body is. E_AWAY when there is none. */
  async send(a: Ask): Promise<Response> {
    if (a.signer === undefined || a.signer.address !== this.sessionOf || !BY_SESSION.test(a.target)) return this.sendOnce(a);
    const { signer, ...unsigned } = a;
    try {
      return await this.sendOnce({ ...unsigned, cookie: true });
    } catch (e) {
      if (!(e instanceof CoreError) || e.code !== 'E_AUTH') throw e;
      this.sessionOf = null; // it is over: the signer is asked from now on
      return this.sendOnce({ ...unsigned, signer });
    }
  }
  private async sendOnce(a: Ask): Promise<Response> {
    const headers: Record<string, string> = { ...a.headers };
    if (a.body !== undefined) headers['Content-Type'] = a.type ?? 'application/octet-stream';
    if (a.signer) headers['Authorization'] = await this.authorization(a);
    const timeout = AbortSignal.timeout(a.timeoutMs ?? TIMEOUT_MS);
    const signal = a.signal ? AbortSignal.any([a.signal, timeout]) : timeout;
    let r: Response;
    try {
      r = await this.fetchOf(this.url + a.target, {
        method: a.method, headers, body: (a.body as BodyInit | undefined) ?? null, signal, redirect: 'error', credentials: a.cookie ? 'same-origin' : 'omit', cache: 'no-store',
      });
    } catch (e) {
      if (a.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled', { cause: e });
      this.onReach(false);
      throw new CoreError('E_AWAY', 'the node cannot be reached', { cause: e });
    }
    this.onReach(true);
    if (!r.ok && !a.also?.includes(r.status)) throw await refusal(r);
    return r;
  }
  async bytes(a: Ask): Promise<Uint8Array> {
    return read(await this.send(a), a);
  }
  /** The same with a field of the answer's head. */
  async bytesAnd(a: Ask, field: string): Promise<{ bytes: Uint8Array; value: string | null }> {
    const r = await this.send(a);
    return { bytes: await read(r, a), value: r.headers.get(field) };
  }
  async members(a: Ask, what: string, max = 64 << 20): Promise<Members> {
    return Members.parse(await this.bytes(a), what, max);
  }
  async none(a: Ask): Promise<void> {
    await this.bytes(a);
  }
}
async function read(r: Response, a: Ask): Promise<Uint8Array> {
  try {
    return new Uint8Array(await r.arrayBuffer());
  } catch (e) {
    throw new CoreError(a.signal?.aborted ? 'E_CANCELLED' : 'E_AWAY', 'the answer was cut', { cause: e });
  }
}
const BY_STATUS: Record<number, string> = {
  400: 'E_SYNTAX', 401: 'E_AUTH', 403: 'E_FORBIDDEN', 404: 'E_NOT_FOUND', 409: 'E_CONFLICT', 410: 'E_GONE', 413: 'E_TOO_LONG', 422: 'E_MISMATCH',
  429: 'E_THROTTLED', 503: 'E_STALE',
};
async function refusal(r: Response): Promise<CoreError> {
  const text = (await r.text().catch(() => '')).slice(0, 4096);
  let code = BY_STATUS[r.status] ?? 'E_UNAVAILABLE';
  let reason = '';
  let requestId = '';
  try {
    const m = Members.of(parseJson(text), 'refusal');
    requestId = m.has('requestId') ? m.str('requestId') : '';
    const e = Members.of(m.v['error'], 'refusal');
    code = e.str('code');
    reason = e.str('reason');
  } catch {
    // not an answer of ours: the status tells enough
  }
  const detail = { status: r.status, requestId, ...(code === 'E_REVERTED' ? { contract: reason } : {}) };
  return new CoreError(code, code === 'E_REVERTED' ? `the contract refuses: ${reason}` : reason || `the node answered ${r.status}`, detail);
}
