// SPDX-License-Identifier: Apache-2.0
// People for a story, made by the page's own core in Node: registered, with a key card, and what a story needs of them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { top } from './browser.mjs';

const esbuild = createRequire(join(top, 'web/package.json'))('esbuild');

export async function cast(url, data) {
  const file = join(data, 'core.mjs');
  await esbuild.build({ entryPoints: [join(top, 'web/src/core/index.ts')], outfile: file, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  const core = await import(pathToFileURL(file).href);
  const node = await core.connect(url);
  const home = join(data, 'people/admin');
  const signer = await core.unlockKeyFile(readFileSync(join(home, 'keys/admin.json'), 'utf8'), readFileSync(join(home, 'passphrase'), 'utf8').trimEnd());
  const admin = await core.openSession({ node, identity: await core.identities().create(node.info, 'wallet'), signer, mode: 'wallet' });
  return {
    core, node, admin,
    /** A registered person; code: their recovery code. */
    async person(name, role) {
      const identity = await core.identities().create(node.info, 'page');
      const session = await core.openSession({ node, identity });
      await admin.admin.register(session.account, role, 0);
      await session.publishCard(name, role);
      return { name, session, code: core.identities().recoveryCode(identity).text };
    },
  };
}
