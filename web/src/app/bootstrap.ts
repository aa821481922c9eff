// SPDX-License-Identifier: Apache-2.0
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { Root } from './root';

export function start(): Promise<unknown> {
  return bootstrapApplication(Root, { providers: [provideRouter([])] });
}
