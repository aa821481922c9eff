// SPDX-License-Identifier: Apache-2.0
/** Offer a file to be saved. */
export function save(data: Blob, name: string): void {
  const url = URL.createObjectURL(data);
  const a = document.createElement('a');
  a.href = url;
  a.download = name.replace(/[\u0000-\u001f/\\:*?"<>|]/g, '_').slice(0, 120) || 'file';
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
