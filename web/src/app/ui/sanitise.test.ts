// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sanitised } from './sanitise';

/** As much of a document as is copied, written as markup. */
class Made {
  childNodes: Made[] = [];
  className = '';
  attributes: Record<string, string> = {};
  parentElement: Made | null = null;
  constructor(readonly nodeType: number, readonly localName: string, readonly nodeValue = '') {}
  set textContent(text: string) { this.childNodes = [new Made(3, '', text)]; }
  append(...nodes: (Made | string)[]): void { this.childNodes.push(...nodes.map((n) => (typeof n === 'string' ? new Made(3, '', n) : n))); }
  appendChild(n: Made): Made {
    this.childNodes.push(n);
    return n;
  }
  getAttribute(name: string): string | null { return this.attributes[name] ?? null; }
  setAttribute(name: string, value: string): void { this.attributes[name] = value; }
  get markup(): string {
    if (this.nodeType === 3) return this.nodeValue;
    const inner = this.childNodes.map((n) => n.markup).join('');
    return this.localName === '' ? inner : `<${this.localName}>${inner}</${this.localName}>`;
  }
}
const node = (name: string, attributes: Record<string, string>, ...inner: (Made | string)[]): Made => {
  const made = new Made(1, name);
  made.attributes = attributes;
  made.append(...inner);
  return made;
};
const read = (cda: boolean, ...inner: (Made | string)[]): string => (sanitised(node('body', {}, ...inner) as unknown as Node, cda) as unknown as Made).markup;

beforeAll(() => {
  vi.stubGlobal('document', { createDocumentFragment: () => new Made(11, ''), createElement: (name: string) => new Made(1, name), createTextNode: (text: string) => new Made(3, '', text) });
});
afterAll(() => void vi.unstubAllGlobals());

describe('words with a line through them', () => {
  const struck = (tag: string): string => `<${tag}><span>struck out: </span>warfarin</${tag}>`;
  it.each([['s', 's'], ['strike', 's'], ['del', 'del']])('stay so in <%s>, and say so', (name, tag) => {
    expect(read(false, node(name, {}, 'warfarin'), ' aspirin')).toBe(`${struck(tag)} aspirin`);
  });
  it('stay so when only their style says it, in every cell', () => {
    expect(read(false, node('tr', { style: 'color:red;text-decoration: line-through' }, node('td', {}, 'warfarin'), ' ', node('td', {}, node('b', {}, 'warfarin')))))
      .toBe(`<tr><td>${struck('s')}</td> <td><b>${struck('s')}</b></td></tr>`);
  });
  it('stay so in a C-CDA document that was revised', () => {
    expect(read(true, node('content', { revised: 'delete' }, 'warfarin'), node('content', { revised: 'insert' }, 'aspirin'))).toBe(`<span>${struck('del')}</span><ins>aspirin</ins>`);
  });
});
describe('words that were put in', () => {
  it('stay marked', () => {
    expect(read(false, node('ins', {}, 'aspirin'))).toBe('<ins>aspirin</ins>');
  });
});
describe('what acts', () => {
  it('is left out, with its words or without', () => {
    expect(read(false, node('script', {}, 'x'), node('a', { href: 'javascript:x' }, 'words'), node('h1', { onclick: 'x' }, 'title'))).toBe('words<p>title</p>');
  });
});
