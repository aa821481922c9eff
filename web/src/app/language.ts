// SPDX-License-Identifier: Apache-2.0
// The language of the page: the reader's choice, else the browser's, else English.
import { loadTranslations } from '@angular/localize';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEPT = 'ehrd.language';

export function language(): Language {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages];
  for (const tag of wanted) {
    const base = tag?.slice(0, 2).toLowerCase();
    const found = LANGUAGES.find((l) => l === base);
    if (found) return found;
  }
  return 'en';
}

/** Keep the choice and start the page anew in it. */
export function chooseLanguage(l: Language): void {
  localStorage.setItem(KEPT, l);
  location.reload();
}

export async function loadLanguage(): Promise<void> {
  const l = language();
  document.documentElement.lang = l;
  if (l === 'de') {
    const words = await import('../locale/messages.de.json');
    loadTranslations(words.default.translations);
  }
}
