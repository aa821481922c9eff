// SPDX-License-Identifier: Apache-2.0
import { ApplicationRef, inject } from '@angular/core';

/** For a router outlet's (activate): a new page is filled before the browser draws it, so that nothing of it jumps. */
export function drawAtOnce(): () => void {
  const app = inject(ApplicationRef);
  return () => queueMicrotask(() => app.tick());
}
