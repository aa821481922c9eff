// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** Line icons, 24 units wide; always beside a label. */
const PATHS = {
  summary: 'M4 5h16v14H4zM8 9h8M8 12.5h8M8 16h5',
  timeline: 'M12 7v5l3 2M12 21a9 9 0 1 0-9-9M3 7v5h5',
  documents: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  sharing: 'M8.5 13.5l7 4M15.5 6.5l-7 4M6 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  activity: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM8 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5M16 4.5a3.5 3.5 0 0 1 0 6.5M18 15c2.2.7 3.5 2.4 3.5 5',
  requests: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
  organisations: 'M4 21V5h9v16M13 10h7v11M2 21h20M7.5 9h2M7.5 13h2M7.5 17h2M16.5 14h.5M16.5 17.5h.5',
  contract: 'M7 3h10v18H7zM10 8h4M10 12h4M10 16h2',
  node: 'M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01M11 8h6M11 16h6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  warn: 'M12 4l9 16H3zM12 10v4.5M12 17.5h.01',
  cross: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  print: 'M7 8V4h10v4M7 16H4V8h16v8h-3M7 13h10v7H7z',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4 20h16',
  key: 'M14.5 9.5a4.5 4.5 0 1 1-3-3M11.5 12.5L20 4M17 7l2 2',
} as const;
export type IconName = keyof typeof PATHS;

@Component({
  selector: 'ehr-icon',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path [attr.d]="path()" /></svg>`,
  styles: ':host { display: inline-flex; flex: none; }',
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly path = computed(() => PATHS[this.name()]);
}
