// SPDX-License-Identifier: Apache-2.0
import { ChangeDetectionStrategy, Component, ElementRef, effect, inject, input } from '@angular/core';
import { inertDocument } from '../trusted';
import { sanitised } from './sanitise';

/** FHIR narrative (XHTML of Resource.text.div) or the sections of a C-CDA document, without anything that acts. */
@Component({
  selector: 'ehr-narrative',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '',
  host: { class: 'narrative' },
})
export class Narrative {
  readonly xhtml = input<string>('');
  readonly ccda = input<string>('');
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  constructor() {
    effect(() => {
      const ccda = this.ccda();
      const made = ccda ? ccdaNodes(ccda) : this.xhtml() ? sanitised(inertDocument(this.xhtml(), 'text/html').body) : document.createDocumentFragment();
      this.host.nativeElement.replaceChildren(made);
    });
  }
}

function ccdaNodes(xml: string): DocumentFragment {
  const out = document.createDocumentFragment();
  const doc = inertDocument(xml, 'application/xml');
  const line = (text: string, cls: string): void => {
    const p = document.createElement('p');
    p.className = cls;
    p.textContent = text;
    out.appendChild(p);
  };
  if (doc.getElementsByTagName('parsererror').length) {
    line($localize`This cannot be read.`, 'note warn');
    return out;
  }
  const child = (e: Element, name: string): Element | undefined => Array.from(e.children).find((c) => c.localName === name);
  const title = child(doc.documentElement, 'title')?.textContent?.trim();
  if (title) line(title, 'narrative-title');
  for (const section of Array.from(doc.getElementsByTagNameNS('*', 'section'))) {
    const name = child(section, 'title')?.textContent?.trim();
    const text = child(section, 'text');
    if (!text) continue;
    const box = document.createElement('section');
    const head = document.createElement('p');
    head.className = 'narrative-title';
    head.textContent = name ?? '';
    box.append(head, sanitised(text, true));
    out.appendChild(box);
  }
  return out;
}
