// SPDX-License-Identifier: Apache-2.0
const FEW = 6;

/** How many of a section's rows, those in force first, stand on the screen and on paper, where nobody can ask for more. */
export function extent(all: number, inForce: number, isAllShown: boolean, isFull: boolean): { shown: number; printed: number } {
  const shown = Math.min(all, isFull ? all : Math.max(FEW, isAllShown ? inForce : 0));
  return { shown, printed: Math.max(shown, inForce) };
}
