// SPDX-License-Identifier: Apache-2.0
// Foreign markup becomes new elements of an allow-list; text stays text. Nothing of the source document is kept.
const KEEP = new Set(['p', 'div', 'span', 'b', 'strong', 'i', 'em', 'u', 'ins', 'small', 'sub', 'sup', 'br', 'hr', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'pre', 'code', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
/** C-CDA narrative blocks in HTML. */
const CDA: Record<string, string> = { paragraph: 'p', content: 'span', list: 'ul', item: 'li', caption: 'b', text: 'div', section: 'div', title: 'h3', linkhtml: 'span', footnote: 'small' };
const DROP = new Set(['script', 'style', 'iframe', 'object', 'embed', 'form', 'input', 'button', 'svg', 'math', 'template', 'noscript', 'link', 'meta', 'head', 'video', 'audio', 'img']);
const NODES_MAX = 50_000;

/** The line through words: struck out, or taken out of the text by who revised it. */
export type Line = 's' | 'del' | null;
/** The line that an element draws through what is in it. revised, style: its attributes. */
export function lineOf(name: string, revised: string | null, style: string | null, cda: boolean): Line {
  if (name === 'del' || (cda && revised === 'delete')) return 'del';
  return name === 's' || name === 'strike' || /line-through/i.test(style ?? '') ? 's' : null;
}
/** What an element becomes; null: only what is in it stays. */
export function tagOf(name: string, revised: string | null, cda: boolean): string | null {
  const tag = cda && revised === 'insert' ? 'ins' : cda && Object.hasOwn(CDA, name) ? CDA[name]! : name;
  return KEEP.has(tag) ? tag : null;
}
/** Words are struck out one by one, since a line through a table or list belongs to its cells; and it is said to who does not see it. */
function words(text: string, line: Line): Node {
  if (line === null || text.trim() === '') return document.createTextNode(text);
  const made = document.createElement(line);
  const said = document.createElement('span');
  said.className = 'visually-hidden';
  said.textContent = `${$localize`:of words with a line through them|:struck out:`} `;
  made.append(said, text);
  return made;
}
function element(tag: string, from: Element): HTMLElement {
  // Headings of a document do not take part in the page's outline.
  const made = document.createElement(/^h\d$/.test(tag) ? 'p' : tag);
  if (/^h\d$/.test(tag)) made.className = 'narrative-title';
  for (const attribute of ['colspan', 'rowspan']) {
    const v = Number(from.getAttribute(attribute));
    if (Number.isInteger(v) && v > 1 && v <= 100) made.setAttribute(attribute, String(v));
  }
  return made;
}

export function sanitised(source: Node, cda = false): DocumentFragment {
  const out = document.createDocumentFragment();
  let budget = NODES_MAX;
  const copy = (from: Node, to: Node, depth: number, line: Line): void => {
    for (const child of Array.from(from.childNodes)) {
      if (--budget < 0 || depth > 64) return;
      if (child.nodeType === 3 || child.nodeType === 4) to.appendChild(words(child.nodeValue ?? '', line));
      if (child.nodeType !== 1) continue;
      const e = child as Element;
      const name = e.localName.toLowerCase();
      if (DROP.has(name)) continue;
      const isOfTable = name === 'caption' && e.parentElement?.localName.toLowerCase() === 'table';
      const revised = e.getAttribute('revised');
      const tag = tagOf(name, revised, cda && !isOfTable);
      const made = tag === null ? to : to.appendChild(element(tag, e));
      copy(e, made, depth + 1, line ?? lineOf(name, revised, e.getAttribute('style'), cda));
    }
  };
  copy(source, out, 0, null);
  return out;
}
