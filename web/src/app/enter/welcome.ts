// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Icon } from '../ui/icon';
import { Person } from '../state/person';
import { chooseLanguage, language } from '../language';

@Component({
  imports: [RouterLink, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="door">
      <p class="brand"><img src="icon.svg" width="28" height="28" alt=""><span i18n>Health record</span></p>
      <div class="stack">
        <h1 i18n>Your health record belongs to you</h1>
        <p i18n>You decide who may read it and until when. Everything is locked on your device before it is stored; whoever runs this service cannot read it.</p>
      </div>
      <div class="stack-s">
        <a class="button primary wide" routerLink="/sign-in" i18n>Sign in</a>
        <a class="button wide" routerLink="/sign-up" i18n>I am new here</a>
      </div>
      <ul class="stack-s small soft">
        <li class="row keep"><ehr-icon name="key" /><span i18n>Your key is made on this device and never leaves it.</span></li>
        <li class="row keep"><ehr-icon name="sharing" /><span i18n>Share with a physician, and stop sharing at any time.</span></li>
        <li class="row keep"><ehr-icon name="activity" /><span i18n>See who looked, and when.</span></li>
      </ul>
      <p class="small">
        @if (german) { <button type="button" class="button quiet" lang="en" (click)="choose('en')">English</button> }
        @else { <button type="button" class="button quiet" lang="de" (click)="choose('de')">Deutsch</button> }
      </p>
    </div>
  `,
})
export class WelcomePage {
  protected readonly german = language() === 'de';
  protected readonly choose = chooseLanguage;

  constructor() {
    const person = inject(Person);
    const router = inject(Router);
    if (location.hash.startsWith('#/request/')) {
      person.keepRequestLink(location.href);
      void router.navigateByUrl(person.place() === 'patient' ? '/sharing' : '/sign-in');
    } else if (person.session()) void person.goHome();
  }
}
