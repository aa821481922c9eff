// SPDX-License-Identifier: Apache-2.0
// The frame around every page: places of the role, the node's state, what is said to screen readers.
import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { filter, map } from 'rxjs';
import { ConfirmDialog } from './ui/confirm';
import { Icon, type IconName } from './ui/icon';
import { Person } from './state/person';
import { drawAtOnce } from './ui/settle';

interface PlaceLink { to: string; icon: IconName; label: string; }

@Component({
  selector: 'ehr-root',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, Icon, ConfirmDialog],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <a class="skip button" href="#main" (click)="skip($event)" i18n>Skip to the page</a>
    @if (places().length && inside()) {
      <div class="frame">
        <nav class="rail" aria-label="Places" i18n-aria-label>
          <span class="brand"><img src="icon.svg" width="28" height="28" alt=""><span i18n>Health record</span></span>
          @for (p of places(); track p.to) {
            <a [routerLink]="p.to" routerLinkActive="on" ariaCurrentWhenActive="page"><ehr-icon [name]="p.icon" /><span>{{ p.label }}</span></a>
          }
          <div class="foot">
            <p class="who">{{ person.name() }}</p>
            <button type="button" class="place" (click)="person.lock()"><ehr-icon name="lock" /><span i18n>Lock</span></button>
          </div>
        </nav>
        <div class="page">
          @if (person.nodeState() !== 'online') { <p class="away" role="status">{{ awayText }}</p> }
          <main id="main" class="content" tabindex="-1"><router-outlet (activate)="settle()" /></main>
        </div>
      </div>
    } @else {
      @if (person.nodeState() !== 'online') { <p class="away" role="status">{{ awayText }}</p> }
      <main id="main" tabindex="-1"><router-outlet (activate)="settle()" /></main>
    }
    <p class="visually-hidden" aria-live="polite">{{ person.said() }}</p>
    <ehr-confirm />
  `,
})
export class Root {
  protected readonly person = inject(Person);
  private readonly router = inject(Router);
  protected readonly settle = drawAtOnce();
  private readonly url = toSignal(this.router.events.pipe(filter((e) => e instanceof NavigationEnd), map((e) => e.urlAfterRedirects)), { initialValue: '/' });
  protected readonly inside = computed(() => !/^\/(sign-in|sign-up|waiting)?($|[?#])/.test(this.url()));
  protected readonly awayText = $localize`The node cannot be reached. What you see stays; the page goes on by itself when it is back.`;
  protected readonly places = computed<PlaceLink[]>(() => {
    switch (this.person.place()) {
      case 'patient':
        return [
          { to: '/summary', icon: 'summary', label: $localize`Summary` },
          { to: '/timeline', icon: 'timeline', label: $localize`Timeline` },
          { to: '/documents', icon: 'documents', label: $localize`Documents` },
          { to: '/sharing', icon: 'sharing', label: $localize`Sharing` },
          { to: '/activity', icon: 'activity', label: $localize`Activity` },
          { to: '/settings', icon: 'settings', label: $localize`Settings` },
        ];
      case 'physician':
        return [
          { to: '/patients', icon: 'people', label: $localize`Patients` },
          { to: '/requests', icon: 'requests', label: $localize`Requests` },
          { to: '/settings', icon: 'settings', label: $localize`Settings` },
        ];
      case 'administrator':
        return [
          { to: '/people', icon: 'people', label: $localize`People` },
          { to: '/organisations', icon: 'organisations', label: $localize`Organisations` },
          { to: '/contract', icon: 'contract', label: $localize`Contract` },
          { to: '/node', icon: 'node', label: $localize`Node` },
          { to: '/settings', icon: 'settings', label: $localize`Settings` },
        ];
      default:
        return [];
    }
  });

  protected skip(e: Event): void {
    e.preventDefault();
    document.getElementById('main')?.focus();
  }
}
