// SPDX-License-Identifier: Apache-2.0
// Who uses the keyboard must not be thrown to the page's top when what had the focus goes away or is switched off.

const PLACES = 'section[aria-labelledby], form, main';

/** Where the focus goes then: back to what had it, else to the part of the page that it stood in, else to the page. */
export function keepFocus(doc: Document = document): void {
  let last: HTMLElement | null = null;
  let around: HTMLElement[] = [];
  doc.addEventListener('focusin', (e) => {
    if (!(e.target instanceof HTMLElement) || e.target.closest('dialog')) return; // a dialog gives it back by itself
    last = e.target;
    around = [];
    for (let p = last.parentElement?.closest<HTMLElement>(PLACES); p; p = p.parentElement?.closest<HTMLElement>(PLACES)) around.push(p);
  });
  // Who presses a pointer beside everything wants no focus.
  doc.addEventListener('pointerdown', () => (last = null), { capture: true });
  const look = (): void => {
    if (last === null || !doc.hasFocus() || (doc.activeElement !== null && doc.activeElement !== doc.body) || doc.querySelector('dialog[open]')) return;
    if (last.isConnected && !last.matches(':disabled')) return last.focus({ preventScroll: true });
    const place = around.find((p) => p.isConnected) ?? doc.getElementById('main');
    if (!place) return;
    if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
    const [was, had] = [last, around];
    place.focus({ preventScroll: true });
    if (was.isConnected) [last, around] = [was, had]; // it may be switched on again
  };
  let isDue = false;
  new MutationObserver(() => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      look();
    });
  }).observe(doc.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled', 'open', 'hidden'] });
}
