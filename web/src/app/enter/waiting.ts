// SPDX-License-Identifier: Apache-2.0
// A person who is not registered yet, or is suspended: what to do, and going on by itself.
import { ChangeDetectionStrategy, Component, OnDestroy, inject, signal } from '@angular/core';
import { Router } from '@angular/router';
import { FormsModule } from '@angular/forms';
import { FaultNote } from '../ui/fault';
import { Person } from '../state/person';
import { codeOf, type Role } from '../state/core';
import { faultOf, type Fault } from '../state/faults';
import { stepOf } from './step';

const EVERY_MS = 4000;

@Component({
  imports: [FormsModule, FaultNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="door">
      <p class="brand"><img src="icon.svg" width="28" height="28" alt=""><span i18n>Health record</span></p>
      @if (!person.session()) {
        <h1 i18n>You are not signed in</h1>
        <button type="button" class="button primary" (click)="signIn()" i18n>Sign in</button>
      } @else if (person.facts()?.status === 'suspended' || person.facts()?.status === 'expired') {
        <h1 i18n>Your registration is paused</h1>
        <p i18n>Your records are safe and still yours. Ask the administrator of this service to reinstate you; this page goes on by itself.</p>
      } @else if (publishing()) {
        <h1 i18n>You are registered</h1>
        <p role="status" i18n>Publishing your card, so that others can share with you…</p>
      } @else if (isNameless()) {
        <form class="stack" (ngSubmit)="again()">
          <h1 i18n>You are registered</h1>
          <p i18n>This device does not know your name. Your card needs it, so that others can share with you.</p>
          <div class="field"><label for="name" i18n>Your name</label><input id="name" name="name" autocomplete="name" required maxlength="100" [(ngModel)]="name"></div>
          <button type="submit" class="button primary" [disabled]="!name().trim()" i18n>Publish my card</button>
        </form>
      } @else if (refused()) {
        <h1 i18n>You are registered</h1>
        <p i18n>Your card is not published yet: without it nobody can share with you.</p>
        <button type="button" class="button primary" (click)="again()" i18n>Publish my card</button>
      } @else {
        <h1 i18n>Waiting to be registered</h1>
        <p i18n>Your request waits for the administrator of this service. You may close the page and come back; it goes on by itself.</p>
        @if (asked() === false) { @if (!person.name()) { <div class="field"><label for="own" i18n>Your name</label><input id="own" name="own" autocomplete="name" maxlength="100" [(ngModel)]="name"></div> }
          <div class="field"><label for="role" i18n>You are</label><select id="role" [value]="role()" (change)="role.set($any($event.target).value)"><option value="patient" i18n>a patient</option><option value="practitioner" i18n>a physician or nurse</option><option value="organisation" i18n>an organisation</option></select></div>
          <button type="button" class="button primary" (click)="ask()" i18n>Ask to be registered</button> }
        <details><summary i18n>Advanced</summary><dl class="facts"><dt i18n>Account</dt><dd class="mono">{{ person.session()?.account }}</dd></dl></details>
      }
      <ehr-fault [fault]="fault()" />
      @if (person.session()) { <button type="button" class="button quiet" (click)="person.lock()" i18n>Lock</button> }
    </div>
  `,
})
export class WaitingPage implements OnDestroy {
  protected readonly person = inject(Person);
  private readonly router = inject(Router);
  protected readonly fault = signal<Fault | null>(null);
  protected readonly publishing = signal(false);
  /** The person said no, here or in the wallet: not asked again and again. */
  protected readonly refused = signal(false);
  protected readonly asked = signal<boolean | null>(null);
  protected readonly isNameless = signal(false);
  /** As it is typed where the device knows none. */
  protected readonly name = signal('');
  protected readonly role = signal<Role>('patient');
  private readonly timer = setInterval(() => void this.look(), EVERY_MS);
  constructor() {
    void this.look();
  }
  ngOnDestroy(): void {
    clearInterval(this.timer);
  }
  protected signIn(): void {
    void this.router.navigateByUrl('/sign-in');
  }
  protected async ask(): Promise<void> {
    try {
      await this.person.need().askRegistration({ name: this.ownName() || $localize`New person`, role: this.role() });
      this.asked.set(true);
    } catch (e) {
      this.fault.set(faultOf(e));
    }
  }

  private ownName(): string {
    return this.person.name() || this.name().trim();
  }
  /** The form was sent: what is typed before that is no name yet. */
  protected again(): void {
    this.isNameless.set(false);
    this.refused.set(false);
    void this.look();
  }
  private async look(): Promise<void> {
    const s = this.person.session();
    if (!s || this.publishing() || this.refused() || this.isNameless()) return;
    try {
      await this.person.refresh();
      const f = this.person.facts();
      this.fault.set(null);
      if (f?.status === 'none' && !f.isRegistrar && this.asked() === null) this.asked.set((await s.ownRegistration()) !== null);
      const step = stepOf(f, this.ownName());
      if (step === 'name') this.isNameless.set(true);
      if (step === 'wait' || step === 'name') return;
      if (step === 'publish') {
        this.publishing.set(true);
        await s.publishCard(this.ownName(), f!.role!);
        await this.person.refresh();
      }
      await this.person.goHome();
    } catch (e) {
      this.fault.set(faultOf(e));
      this.refused.set(this.publishing() && ['E_REFUSED', 'E_CANCELLED'].includes(codeOf(e)));
    } finally {
      this.publishing.set(false);
    }
  }
}
