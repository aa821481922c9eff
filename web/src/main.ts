// SPDX-License-Identifier: Apache-2.0
// Load the words of the reader's language, then the page.
import './app/trusted';
import { loadLanguage } from './app/language';

void loadLanguage().then(async () => (await import('./app/bootstrap')).start());
