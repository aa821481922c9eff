// SPDX-License-Identifier: Apache-2.0
// Who is signed in, at which node, and when the page locks itself. Secrets live in the core's session only.
import { Injectable, computed, inject, signal } from '@angular/core';
import { Router } from '@angular/router';
import { Confirm } from '../ui/confirm';
import { Idle } from './idle';
import { core, type AccountFacts, type CheckedCard, type Identity, type Node, type NodeState, type Profile, type Session, type Signer, type Wallet, type WalletSigner } from './core';

export type Place = 'patient' | 'physician' | 'administrator';
export const LOCK_AFTER_MS = 10 * 60 * 1000;

@Injectable({ providedIn: 'root' })
export class Person {
  private readonly router = inject(Router);
  private readonly confirm = inject(Confirm);
  readonly node = signal<Node | null>(null);
  readonly nodeState = signal<NodeState>('online');
  readonly session = signal<Session | null>(null);
  readonly facts = signal<AccountFacts | null>(null);
  readonly card = signal<CheckedCard | null>(null);
  readonly profile = signal<Profile | null>(null);
  readonly wasLocked = signal(false);
  /** The device has just forgotten who was signed in. */
  readonly wasForgotten = signal(false);
  readonly lockAfterMs = signal(Number(localStorage.getItem('ehrd.lockAfterMs')) || LOCK_AFTER_MS);
  /** Words for screen readers about what just happened. */
  readonly said = signal('');
  /** Writes on their way: leaving the page warns. */
  readonly busy = signal(0);
  /** Cleared with the session: decrypted things that pages keep. */
  private readonly wipes = new Set<() => void>();
  /** Where to go on, and whose place it is; null: anybody's who signs in next. */
  private returnTo: { url: string; account: string | null } | null = null;
  private readonly idle = new Idle(() => this.session() && this.channel.postMessage('moved'), () => this.lockAfterMs(), () => this.lockIdle());
  private unwatch: (() => void) | null = null;
  private connecting: Promise<Node> | null = null;
  private readonly channel = new BroadcastChannel('ehrd');
  identity: Identity | null = null;
  /** False for an administrator by account file: the identity beside it is made for the visit. */
  readonly keepsIdentity = signal(true);
  /** The wallet that signs for the account, where there is one. */
  wallet: Wallet | null = null;

  readonly name = computed(() => this.card()?.name ?? this.profile()?.label ?? '');
  readonly place = computed<Place | null>(() => {
    const f = this.facts();
    if (!f || !this.session()) return null;
    if (f.isRegistrar) return 'administrator';
    if (f.status !== 'active') return null;
    return f.role === 'patient' ? 'patient' : 'physician';
  });

  constructor() {
    for (const type of ['pointerdown', 'keydown', 'wheel', 'touchstart'])
      addEventListener(type, () => this.idle.moved(), { passive: true, capture: true });
    addEventListener('visibilitychange', () => this.idle.look(), { capture: true });
    setInterval(() => {
      if (this.isWriting()) this.idle.tellOthers();
      this.idle.look();
    }, 5000);
    addEventListener('beforeunload', (e) => {
      if (this.busy() > 0) e.preventDefault();
    });
    this.channel.onmessage = (e: MessageEvent<unknown>) => {
      if (e.data === 'lock') this.lock(false);
      if (e.data === 'moved') this.idle.movedElsewhere();
    };
  }

  connect(): Promise<Node> {
    return (this.connecting ??= this.connectOnce().catch((e: unknown) => {
      this.connecting = null;
      throw e;
    }));
  }
  private async connectOnce(): Promise<Node> {
    const node = await (await core()).connect(location.origin);
    node.onState((s) => this.nodeState.set(s));
    this.nodeState.set(node.state);
    this.node.set(node);
    return node;
  }

  /** Open the session of an unlocked identity, in the place of any other; one that fails after that is locked, and its identity. */
  async enter(identity: Identity, profile: Profile | null, signer?: Signer | WalletSigner): Promise<void> {
    const c = await core();
    const node = await this.connect();
    this.leave(); // nothing of who was here before is there for whoever comes
    const session = await c.openSession({ node, identity, signer, mode: profile?.mode, pins: localStorage, confirmWallet: (calls) => this.confirm.beforeWallet(calls) });
    const facts = await session.facts().catch((e: unknown) => {
      session.lock();
      throw e;
    });
    const card = facts.keyCardHash ? await session.card().catch(() => null) : null;
    this.identity = identity;
    this.keepsIdentity.set(!signer || 'wallet' in signer);
    this.wallet = signer && 'wallet' in signer ? signer.wallet : null;
    session.onLock(() => this.forget());
    if (signer && 'onChange' in signer) this.unwatch = signer.onChange(() => this.lock(false));
    this.card.set(card);
    this.profile.set(profile);
    this.facts.set(facts);
    this.session.set(session);
    this.idle.restart();
    this.wasLocked.set(false);
    this.wasForgotten.set(false);
  }
  async refresh(): Promise<void> {
    const s = this.session();
    if (!s) return;
    const facts = await s.facts();
    this.card.set(facts.keyCardHash ? await s.card().catch(() => null) : null);
    this.facts.set(facts);
  }

  /** Where a person belongs, or was before the page was locked. */
  async goHome(): Promise<void> {
    const to = this.returnTo;
    this.returnTo = null;
    const isTheirs = to !== null && (to.account === null || to.account === this.session()?.account);
    await this.router.navigateByUrl(isTheirs && this.place() ? to.url : this.home());
  }
  home(): string {
    const place = this.place();
    return place === 'patient' ? '/summary' : place === 'physician' ? '/patients' : place === 'administrator' ? '/people' : '/waiting';
  }
  /** A request that came by link: kept until the patient is signed in and looks at it. */
  keepRequestLink(link: string): void {
    sessionStorage.setItem('ehrd.request', link);
    this.returnTo = { url: '/sharing', account: null };
  }
  takeRequestLink(): string {
    const link = sessionStorage.getItem('ehrd.request') ?? '';
    sessionStorage.removeItem('ehrd.request');
    return link;
  }
  rememberPlace(url: string): void {
    this.returnTo = { url, account: null };
  }

  lock(everywhere = true): void {
    const s = this.session();
    if (!s) return;
    if (everywhere) this.channel.postMessage('lock');
    this.returnTo = { url: this.router.url, account: s.account };
    this.wasLocked.set(true);
    this.leave();
    void this.router.navigateByUrl('/sign-in');
  }
  /**
   * The device forgets who is signed in, also where the node cannot be asked: what names account and folder, which together
   * are the link that a fresh address for each folder hides; how far owner states were seen; the sealed key; then the kept charts, of everybody: which are one
   * person's only the node can tell, and a chart that is not kept costs time only.
   */
  async forgetHere(): Promise<void> {
    for (const name of Object.keys(localStorage)) if (/^ehrd\.(last|folder|state\..*)$/.test(name)) localStorage.removeItem(name);
    sessionStorage.removeItem('ehrd.request');
    const c = await core();
    await c.profileStore().remove(this.need().account);
    this.profile.set(null);
    this.lock(); // an open chart would be kept again
    this.wasLocked.set(false);
    this.wasForgotten.set(true);
    this.returnTo = null;
    await c.forgetLocal();
  }
  private leave(): void {
    this.session()?.lock(); // and forget() is called
  }
  private forget(): void {
    this.unwatch?.();
    this.unwatch = null;
    this.identity?.lock();
    this.identity = null;
    this.wallet = null;
    this.session.set(null);
    this.facts.set(null);
    this.card.set(null);
    this.confirm.answer(false); // a question may name a record
    this.said.set(''); // and so may what was said last
    for (const wipe of this.wipes) wipe();
  }
  onWipe(wipe: () => void): void {
    this.wipes.add(wipe);
  }
  setLockAfter(minutes: number): void {
    this.lockAfterMs.set(minutes * 60_000);
    localStorage.setItem('ehrd.lockAfterMs', String(minutes * 60_000));
  }
  /** This tab only: another one may be writing, and judges for itself. */
  private lockIdle(): void {
    if (!this.isWriting()) this.lock(false);
  }
  /** What waits for an answer writes nothing: who walks away from an open question is locked out, and locking answers no. */
  private isWriting(): boolean {
    return this.busy() - (this.confirm.question()?.isOfWrite ? 1 : 0) > 0;
  }

  say(text: string): void {
    this.said.set('');
    setTimeout(() => this.session() && this.said.set(text), 30);
  }
  /** Run something that writes. */
  async writing<T>(work: () => Promise<T>): Promise<T> {
    this.busy.update((n) => n + 1);
    try {
      return await work();
    } finally {
      this.busy.update((n) => n - 1);
    }
  }
  /** The session, for pages that the guard let in. */
  need(): Session {
    const s = this.session();
    if (!s) throw new Error('no session');
    return s;
  }
}
