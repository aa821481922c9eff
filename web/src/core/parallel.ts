// SPDX-License-Identifier: Apache-2.0
/** f over all, a few at once, results in order; the first failure stops the rest. */
export async function inParallel<T, R>(list: T[], atOnce: number, f: (x: T) => Promise<R>): Promise<R[]> {
  const out: R[] = new Array<R>(list.length);
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < list.length && !failed) {
      const i = next++;
      try {
        out[i] = await f(list[i]!);
      } catch (e) {
        failed = true;
        throw e;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, worker));
  return out;
}
