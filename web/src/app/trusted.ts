// SPDX-License-Identifier: Apache-2.0
// Trusted Types of the page (the node sends `require-trusted-types-for 'script'`).
// "default" lets the bundler's workers start and nothing else; "ehrd" gives text to an inert parser, never to the page.
interface Policy { createHTML(text: string): string; }
interface Factory { createPolicy(name: string, rules: Record<string, (text: string) => string | null>): Policy; }

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;

const isOwnWorker = (url: string): boolean => {
  const u = new URL(url, document.baseURI);
  return u.origin === location.origin && /^\/worker-[0-9A-Za-z_-]{8}\.js$/.test(u.pathname);
};

factory?.createPolicy('default', { createScriptURL: (url) => (isOwnWorker(url) ? url : null) });
const ehrd = factory?.createPolicy('ehrd', { createHTML: (text) => text });

/** A document that runs nothing and loads nothing; what is taken from it is copied node by node (sanitise.ts). */
export function inertDocument(text: string, type: 'text/html' | 'application/xml'): Document {
  return new DOMParser().parseFromString(ehrd ? ehrd.createHTML(text) : text, type);
}
