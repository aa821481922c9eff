// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject, provideZonelessChangeDetection } from '@angular/core';
import { Title, bootstrapApplication } from '@angular/platform-browser';
import { TitleStrategy, provideRouter, withComponentInputBinding, withInMemoryScrolling, type RouterStateSnapshot } from '@angular/router';
import { Root } from './root';
import { keepFocus } from './ui/focus';
import { routes } from './routes';

@Injectable()
class PageTitle extends TitleStrategy {
  private readonly title = inject(Title);
  override updateTitle(state: RouterStateSnapshot): void {
    const place = this.buildTitle(state);
    const name = $localize`Health record`;
    this.title.setTitle(place ? `${place} · ${name}` : name);
  }
}

export function start(): Promise<unknown> {
  keepFocus();
  return bootstrapApplication(Root, {
    providers: [
      provideZonelessChangeDetection(),
      provideRouter(routes, withComponentInputBinding(), withInMemoryScrolling({ scrollPositionRestoration: 'enabled' })),
      { provide: TitleStrategy, useClass: PageTitle },
    ],
  });
}
