// SPDX-License-Identifier: Apache-2.0
// The people of the demo that ./start loads: their identity files (sealed by passphrases that the terminal printed).
export interface DemoPerson {
  name: string;
  role: string;
  account: string;
  file: string; // base64 of the identity file
}

export async function demoPeople(): Promise<DemoPerson[]> {
  if (!document.querySelector('meta[name="ehrd-demo"]')) return [];
  try {
    const answer = await fetch('demo.json');
    if (!answer.ok) return [];
    const list: unknown = await answer.json();
    return Array.isArray(list) ? (list as DemoPerson[]) : [];
  } catch {
    return [];
  }
}
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
