// SPDX-License-Identifier: Apache-2.0
// Sharing: with whom, which folder, what, until when, as one sentence before it is signed. A request is answered with what was
// asked for, or less; everything else is the patient's own word.
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, signal, untracked } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Confirm } from '../ui/confirm';
import { FaultNote } from '../ui/fault';
import { Person } from '../state/person';
import { ADD, VIEW, codeOf, type AccessRequest, type Address, type CheckedCard, type FlowOptions, type Folder, type GrantView, type Hash } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { DAY_S, duration, may, nowS, roleWord, shareSentence, short } from '../state/words';
import { CardCheck } from './card-check';
import { Rights } from './rights';

export interface Shared { folder: Folder; grant: GrantView; }
const SPANS = [365, 90, 30, 7, 1].map((days) => days * DAY_S).concat(4 * 3600, 3600);
/** An end that was chosen so long ago is chosen anew, that the sentence does not promise a time that is nearly over. */
const CHOSEN_S = 300;

@Component({
  selector: 'ehr-share-order',
  imports: [FormsModule, FaultNote, CardCheck, Rights],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <form class="card stack" (ngSubmit)="share()" aria-labelledby="order">
      <h2 id="order" i18n>Share</h2>
      @if (fault()) { <ehr-fault [fault]="fault()" /> }
      @if (!folders().length) { <p class="soft" i18n>Open a folder first, on the Summary page.</p> }
      @if (request(); as q) {
        <p>{{ requestText(q, who()) }}</p>
        @if (q.purpose) { <p class="soft"><span i18n>What for:</span> {{ q.purpose }}</p> }
      } @else {
        <div class="field"><label for="with" i18n>With whom?</label>
          <select id="with" name="with" [(ngModel)]="account">
            <option value="" i18n>Choose from the directory</option>
            @for (c of people(); track c.account) { <option [value]="c.account">{{ labelOf(c) }}</option> }
          </select>
          <p class="hint" i18n>Or open the link, or scan the code, that the person shows you.</p></div>
      }
      <div class="field"><label for="paste" i18n>Link or code of the person</label><input id="paste" name="paste" autocomplete="off" [ngModel]="pasted()" (ngModelChange)="paste($event)"></div>
      @if (card(); as c) { <ehr-card-check [name]="c.name" [card]="c" [known]="known()" [repeats]="repeated().has(c.account)" [(compared)]="compared" /> }
      <div class="field"><label for="which" i18n>Which folder?</label><select id="which" name="which" [(ngModel)]="folderId">@for (f of folders(); track f.folderId) { <option [value]="f.folderId">{{ f.name }}</option> }</select></div>
      <ehr-rights [(value)]="rights" [of]="request()?.permissions ?? 15" />
      @if (request(); as q) {
        <div class="field"><label for="span" i18n>For how long?</label>
          <select id="span" name="span" [ngModel]="span()" (ngModelChange)="chooseSpan($event)">@for (s of spans(); track s) { <option [ngValue]="s">{{ spanText(s, q) }}</option> }</select></div>
      } @else {
        <div class="field"><label for="until" i18n>Until when?</label><input id="until" name="until" type="date" [min]="minDate" [(ngModel)]="until"></div>
      }
      @if (sentence()) { <p class="sentence note">{{ sentence() }}</p> }
      <div class="actions"><button type="submit" class="button primary" [disabled]="!ready() || person.busy() > 0" i18n>Continue</button><button type="button" class="button quiet" (click)="closed.emit()" i18n>Not now</button></div>
      @if (working()) { <p role="status" class="soft">{{ working() }}</p> }
    </form>
  `,
})
export class ShareOrder {
  protected readonly person = inject(Person);
  private readonly confirm = inject(Confirm);
  readonly folders = input.required<Folder[]>();
  /** The directory. */
  readonly people = input.required<CheckedCard[]>();
  /** Accounts whose name somebody else has, too. */
  readonly repeated = input.required<Set<Address>>();
  /** What is shared now. */
  readonly live = input.required<Shared[]>();
  /** The request that is answered; null: the patient shares of their own accord. */
  readonly request = input<AccessRequest | null>(null);
  /** A request that came as a link or code. */
  readonly asked = output<AccessRequest>();
  readonly done = output<string>();
  readonly closed = output();

  protected readonly fault = signal<Fault | null>(null);
  protected readonly working = signal('');
  protected readonly account = signal<Address | ''>('');
  protected readonly pasted = signal('');
  protected readonly card = signal<CheckedCard | null>(null);
  protected readonly known = signal<Hash | null>(null);
  protected readonly compared = signal(false);
  protected readonly folderId = signal<Hash | ''>('');
  protected readonly rights = signal(VIEW | ADD);
  protected readonly until = signal(dateText(nowS() + 90 * DAY_S));
  protected readonly minDate = dateText(nowS() + DAY_S);
  protected readonly span = signal(0);
  /** Unix seconds: when the span was chosen. */
  private readonly since = signal(0);
  protected readonly spans = computed(() => {
    const asked = this.request()?.duration ?? 0;
    return [asked, ...SPANS.filter((s) => s < asked)];
  });
  private readonly chosen = computed(() => this.request()?.account ?? this.account());
  private readonly endS = computed(() => (this.request() ? this.since() + this.span() : Math.floor(new Date(`${this.until()}T23:59:59`).getTime() / 1000)));
  protected readonly who = computed(() => {
    const c = this.card();
    return c ? this.labelOf(c) : (this.request()?.name ?? '');
  });
  private readonly changed = computed(() => this.known() !== null && this.known() !== this.card()?.hash);
  protected readonly sentence = computed(() => {
    const f = this.folders().find((x) => x.folderId === this.folderId());
    return f && this.card() && this.rights() && this.endS() > (this.person.session()?.now() ?? Infinity) ? shareSentence(this.who(), this.rights(), f.name, this.endS()) : '';
  });
  protected readonly ready = computed(() => this.sentence() !== '' && (!this.changed() || this.compared()));

  constructor() {
    effect(() => {
      const account = this.chosen();
      untracked(() => void this.look(account));
    });
    effect(() => {
      const q = this.request();
      if (q) untracked(() => this.begin(q));
    });
    effect(() => {
      const first = this.folders()[0];
      if (first && !untracked(this.folderId)) this.folderId.set(first.folderId);
    });
  }
  private begin(q: AccessRequest): void {
    this.rights.set(q.permissions);
    this.chooseSpan(q.duration);
  }
  protected chooseSpan(s: number): void {
    this.span.set(s);
    this.since.set(this.person.need().now());
  }
  /** The card as the chain has it now, and the one that is known. */
  private async look(account: Address | ''): Promise<void> {
    this.card.set(null);
    this.compared.set(false);
    if (!account) return;
    try {
      const s = this.person.need();
      const [card, known] = await Promise.all([s.cardOf(account), s.cardPinned(account)]);
      if (this.chosen() !== account) return;
      this.known.set(known);
      this.card.set(card);
    } catch (e) {
      if (this.chosen() === account) this.fault.set(faultOf(e));
    }
  }
  protected labelOf(c: CheckedCard): string {
    return personLabel(c, this.repeated());
  }
  protected readonly requestText = requestText;
  protected spanText(s: number, q: AccessRequest): string {
    return s === q.duration ? $localize`${duration(s)}:time:, as asked` : duration(s);
  }
  async paste(text: string): Promise<void> {
    this.pasted.set(text);
    if (text.trim().length < 40) return;
    try {
      this.asked.emit(await this.person.need().takeRequest(text.trim()));
      this.fault.set(null);
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
  protected async share(): Promise<void> {
    const now = this.person.need().now();
    if (this.request() && (now - this.since() > CHOSEN_S || this.endS() <= now)) this.chooseSpan(this.span());
    const [card, sentence, folder] = [this.card(), this.sentence(), this.folders().find((f) => f.folderId === this.folderId())];
    if (!card || !folder || !this.ready()) return;
    this.fault.set(null);
    this.working.set($localize`Sharing…`);
    try {
      await this.person.writing(() => this.send(card, folder, { confirm: this.confirm.before({ title: $localize`Share this?`, sentence, more: this.more(card, folder), yes: $localize`Share` }) }));
      this.done.emit(sentence);
    } catch (e) {
      this.fault.set(faultOf(e));
      if (codeOf(e) === 'E_CARD_CHANGED') void this.look(this.chosen());
    } finally {
      this.working.set('');
    }
  }
  private async send(card: CheckedCard, folder: Folder, o: FlowOptions): Promise<void> {
    const s = this.person.need();
    const order = { permissions: this.rights(), notAfter: this.endS(), comparedCard: this.compared() ? card.hash : undefined };
    const q = this.request();
    // Times are of whole seconds, by two clocks: never longer than what was asked for.
    if (q) await s.acceptRequest(q, folder.folderId, { ...order, notAfter: Math.min(order.notAfter, s.now() + q.duration) }, o);
    else await s.grant(folder.folderId, { ...order, account: card.account, name: card.name, pinnedCard: card.hash }, o);
  }
  private more(card: CheckedCard, folder: Folder): string[] {
    const now = this.live().find((s) => s.folder.folderId === folder.folderId && s.grant.account === card.account)?.grant;
    return [
      ...(now ? [$localize`This takes the place of what holds now: ${shareSentence(this.who(), now.permissions, folder.name, now.notAfter)}:sentence:`] : []),
      ...(this.changed() ? [$localize`Their key card is another one than before; you said that you compared it.`] : []),
      $localize`You can stop sharing at any time.`,
    ];
  }
}

/** The name; with role and address where the name alone does not tell who it is. */
export function personLabel(p: Pick<CheckedCard, 'account' | 'name'> & { role?: CheckedCard['role'] | undefined }, repeated: Set<Address>): string {
  return repeated.has(p.account) ? `${p.name} (${[roleWord(p.role ?? null), short(p.account)].filter(Boolean).join(', ')})` : p.name;
}
export function requestText(q: AccessRequest, who: string): string {
  return $localize`${who}:person: would like to ${may(q.permissions)}:rights: your record for ${duration(q.duration)}:time:. You may give less.`;
}
function dateText(unix: number): string {
  const d = new Date(unix * 1000);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
}
