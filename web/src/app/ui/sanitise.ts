// SPDX-License-Identifier: Apache-2.0
// Foreign markup becomes new elements of an allow-list; text stays text. Nothing of the source document is kept.
const KEEP = new Set(['p', 'div', 'span', 'b', 'strong', 'i', 'em', 'u', 'small', 'sub', 'sup', 'br', 'hr', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'pre', 'code', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
/** C-CDA narrative blocks in HTML. */
const CDA: Record<string, string> = { paragraph: 'p', content: 'span', list: 'ul', item: 'li', caption: 'b', text: 'div', section: 'div', title: 'h3', linkhtml: 'span', footnote: 'small' };
const DROP = new Set(['script', 'style', 'iframe', 'object', 'embed', 'form', 'input', 'button', 'svg', 'math', 'template', 'noscript', 'link', 'meta', 'head', 'video', 'audio', 'img']);
const NODES_MAX = 50_000;

export function sanitised(source: Node, cda = false): DocumentFragment {
  const out = document.createDocumentFragment();
  let budget = NODES_MAX;
  const copy = (from: Node, to: Node, depth: number): void => {
    for (const child of Array.from(from.childNodes)) {
      if (--budget < 0 || depth > 64) return;
      if (child.nodeType === 3 || child.nodeType === 4) {
        to.appendChild(document.createTextNode(child.nodeValue ?? ''));
        continue;
      }
      if (child.nodeType !== 1) continue;
      const element = child as Element;
      const name = element.localName.toLowerCase();
      if (DROP.has(name)) continue;
      const table = name === 'caption' && element.parentElement?.localName.toLowerCase() === 'table';
      const tag = cda && !table ? (CDA[name] ?? name) : name;
      if (!KEEP.has(tag)) {
        copy(element, to, depth + 1);
        continue;
      }
      // Headings of a document do not take part in the page's outline.
      const made = document.createElement(/^h\d$/.test(tag) ? 'p' : tag);
      if (/^h\d$/.test(tag)) made.className = 'narrative-title';
      for (const attribute of ['colspan', 'rowspan']) {
        const v = Number(element.getAttribute(attribute));
        if (Number.isInteger(v) && v > 1 && v <= 100) made.setAttribute(attribute, String(v));
      }
      to.appendChild(made);
      copy(element, made, depth + 1);
    }
  };
  copy(source, out, 0);
  return out;
}
