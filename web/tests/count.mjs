// SPDX-License-Identifier: Apache-2.0
// A vitest reporter that ends with the one line that ./check counts.
export default class Count {
  onTestRunEnd(modules, errors) {
    const n = { passed: 0, failed: errors.length, skipped: 0 };
    for (const m of modules) {
      if (m.state() === 'failed' && m.errors().length) n.failed++;
      for (const t of m.children.allTests()) n[t.result().state]++;
    }
    console.log(`web: ${n.passed} passed, ${n.failed} failed, ${n.skipped} skipped`);
  }
}
