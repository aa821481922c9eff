// SPDX-License-Identifier: Apache-2.0
// Unit tests of the parts that know no framework: src/**/*.test.ts, run under Node.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: '../build/web-vitest',
  test: { include: ['src/**/*.test.ts'], environment: 'node', passWithNoTests: true, maxWorkers: 2 },
});
