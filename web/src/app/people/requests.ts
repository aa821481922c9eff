// SPDX-License-Identifier: Apache-2.0
// Asking a patient for access: by their code, or by a code and link of one's own that the patient opens.
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { FaultNote } from '../ui/fault';
import { Qr } from '../ui/qr';
import { Person } from '../state/person';
import { ADD, VIEW, type Address } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { DAY_S } from '../state/words';
import { Rights } from '../share/rights';

@Component({
  imports: [FormsModule, FaultNote, Qr, Rights],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'stack' },
  template: `
    <div class="page-head"><h1 i18n>Ask for access</h1></div>
    <ehr-fault [fault]="fault()" />
    @if (sent()) { <p class="note good" role="status" i18n>Asked. The patient sees who asks, what for and how long, and may give less. It appears under Patients once it is given.</p> }
    <div class="grid wide">
      <form class="card stack" (ngSubmit)="make()" aria-labelledby="what">
        <h2 id="what" i18n>What do you need?</h2>
        <div class="field"><label for="purpose" i18n>What for?</label><input id="purpose" name="purpose" required maxlength="300" [(ngModel)]="purpose"><p class="hint" i18n>One sentence that the patient understands.</p></div>
        <ehr-rights [(value)]="rights" [asking]="true" />
        <div class="field"><label for="days" i18n>For how long?</label><select id="days" name="days" [(ngModel)]="days">@for (d of [1, 7, 30, 90, 365]; track d) { <option [ngValue]="d" i18n>{{ d }} days</option> }</select></div>
        <button type="submit" class="button primary" [disabled]="!isWhole()" i18n>Make the code</button>
        <div class="field"><label for="to" i18n>Or send it: code of the patient</label><input id="to" name="to" autocomplete="off" [(ngModel)]="to"><p class="hint" i18n>The patient finds it under Sharing, “My code”.</p></div>
        <button type="button" class="button" [disabled]="!target() || !isWhole() || person.busy() > 0" (click)="send()" i18n>Send the request</button>
      </form>
      @if (link(); as l) {
        <section class="card stack" aria-labelledby="show"><h2 id="show" i18n>Show this to the patient</h2><ehr-qr [text]="l" label="Request as QR code" i18n-label /><p class="mono small link">{{ l }}</p><div><button type="button" class="button" (click)="copy()" i18n>Copy the link</button></div></section>
      }
    </div>
  `,
  styles: `.grid.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); } .link { overflow-wrap: anywhere; } ehr-qr { width: min(100%, 320px); }`,
})
export class RequestsPage {
  protected readonly person = inject(Person);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly sent = signal(false);
  protected readonly purpose = signal('');
  protected readonly rights = signal(VIEW | ADD);
  protected readonly days = signal(90);
  protected readonly to = signal(location.hash.startsWith('#patient=') ? location.href : '');
  protected readonly link = signal('');
  protected readonly target = computed(() => /0x[0-9a-fA-F]{40}/.exec(this.to())?.[0]?.toLowerCase() as Address | undefined);

  /** A patient is not asked without a word of why. */
  protected readonly isWhole = computed(() => this.rights() !== 0 && this.purpose().trim() !== '');

  private order(): { permissions: number; duration: number; purpose: string } {
    return { permissions: this.rights(), duration: this.days() * DAY_S, purpose: this.purpose().trim() };
  }
  protected async make(): Promise<void> {
    await this.run(async () => this.link.set(await this.person.need().requestLink(this.order())));
  }
  protected async send(): Promise<void> {
    await this.run(async () => {
      await this.person.need().requestAccess(this.target()!, this.order());
      this.sent.set(true);
      this.person.say($localize`Asked`);
    });
  }
  protected async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.link());
    this.person.say($localize`Copied`);
  }
  private async run(work: () => Promise<void>): Promise<void> {
    this.fault.set(null);
    this.sent.set(false);
    try {
      await this.person.writing(work);
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }
}
