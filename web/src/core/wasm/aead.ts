// SPDX-License-Identifier: Apache-2.0
// ChaCha20-Poly1305 in WebAssembly.
export async function useWasm(): Promise<boolean> {
  return false;
}
