// SPDX-License-Identifier: Apache-2.0
// People whose account is in a wallet: relationship mode and wallet mode, and what a wallet can refuse. Arguments: node URL, data folder.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, check, launchShared, record, step, summary, tell, top } from './browser.mjs';
import { cast } from './cast.mjs';
import { PASSPHRASE, addFiles, askToBeRegistered, button, confirm, heading, link, place, signUp, tryPassphrase, until, unlockHere, writeNote } from './steps.mjs';
import { Wallet } from './wallet.mjs';

const [url, data] = process.argv.slice(2);
const { chainId, proxy } = await (await fetch(`${url}/api/v1/node`)).json();
const { core } = await cast(url, data);
const CHAIN = `0x${Number(chainId).toString(16)}`;
const browser = await launchShared();
const people = {};
async function person(name) {
  const device = await browser.device();
  const wallet = new Wallet();
  await wallet.attach(device);
  people[name] = { name, device, wallet, page: await device.newPage() };
  return people[name];
}
const ada = await person('Ada Holloway'); // relationship mode: the wallet is asked for account matters only
const ben = await person('Ben Tarrant'); // wallet mode: the wallet confirms each call
const cleo = await person('Cleo Varga'); // a patient in wallet mode
const seen = record(ada.device, ben.device, cleo.device);
const typed = (wallet) => wallet.prompts.filter((p) => p.kind === 'typed').map((p) => p.type);
/** By the command line, as an administrator elsewhere would. */
function register(account, role) {
  const home = join(data, 'people/admin');
  execFileSync(process.env.EHR, ['--home', home, '--passphrase-file', join(home, 'passphrase'), '--as', 'admin', '--yes', 'admin', 'register', account, '--role', role]);
}
const GO_ON = 'Go on to the wallet';
/** What the wallet was asked by the work: exactly these, in this order. */
async function asks(who, name, kinds, work) {
  const before = who.wallet.prompts.length;
  await work();
  const found = who.wallet.prompts.slice(before).map((p) => p.type ?? p.kind);
  check(`${name}: the wallet is asked for ${kinds.join(', ') || 'nothing'}`, found.join() === kinds.join(), found.join());
}
/** The dialog names the calls before the wallet is asked, and the wallet then gets exactly these. */
async function confirmBeforeWallet(who, yes, ...calls) {
  const forwards = () => who.wallet.prompts.filter((p) => p.type === 'ForwardRequest');
  await who.page.getByRole('dialog').waitFor();
  const before = forwards().length;
  const said = await confirm(who.page, yes);
  check(`the dialog names ${calls.join(' and ')}`, calls.every((c) => said.includes(c)), said);
  for (let i = 0; i < 100 && forwards().length === before; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  const asked = forwards().slice(before);
  const decoded = asked.flatMap((p) => core.decodeCall(Buffer.from(p.data.message.data.slice(2), 'hex'), proxy) ?? []);
  const args = decoded.flatMap((c) => c.args.map((a) => a.value));
  check('what the wallet signs is what the dialog said', asked.length === 1 && [...new Set(decoded.map((c) => c.function))].join() === calls.join() && args.every((a) => said.includes(a)), JSON.stringify(decoded));
}
const inWallet = (extra = async () => {}) => async (page) => {
  await page.getByLabel('In my wallet: MetaMask').check();
  await extra(page);
};

async function gettingIn() {
  await step('refused in the wallet: the page says so and nothing happens', async () => {
    ada.wallet.answer = (p) => p.kind !== 'connect';
    await ada.page.goto(`${url}/sign-up`);
    await ada.page.getByLabel('Your name').fill(ada.name);
    await inWallet()(ada.page);
    await button(ada.page, 'Continue').click();
    await ada.page.getByText('You said no in your wallet.').waitFor();
    await axe(ada.page, 'refused in the wallet');
  });
  await step('a chain the wallet does not know is refused, then added', async () => {
    ada.wallet.answer = (p) => p.kind !== 'add';
    await button(ada.page, 'Continue').click();
    await ada.page.getByText('You said no in your wallet.').waitFor();
    ada.wallet.answer = () => true;
    await signUp(ada.page, url, { name: ada.name, account: inWallet() });
    check('the wallet is on the chain of the node', ada.wallet.chainId === CHAIN, ada.wallet.chainId);
    await tryPassphrase(ada.page);
    await askToBeRegistered(ada.page);
  });
  await step('registered: the wallet signs the key card, once', async () => {
    register(ada.wallet.address, 'patient');
    ada.wallet.answer = (p) => p.type !== 'KeyCard';
    await until(ada.page, button(ada.page, 'Publish my card'));
    const refused = ada.wallet.prompts.length;
    await ada.page.waitForTimeout(5000); // longer than the page waits before it looks again
    check('who said no is not asked again and again', ada.wallet.prompts.length === refused);
    ada.wallet.answer = () => true;
    ada.wallet.prompts = ada.wallet.prompts.filter((p) => p.type !== 'KeyCard');
    await button(ada.page, 'Publish my card').click();
    await confirmBeforeWallet(ada, GO_ON, 'setKeyCard');
    await until(ada.page, button(ada.page, 'Start my record'));
    check('one key card was signed', typed(ada.wallet).filter((t) => t === 'KeyCard').length === 1, typed(ada.wallet).join());
  });
  await step('wallet mode says before what it reveals', async () => {
    await signUp(ben.page, url, {
      name: ben.name, role: 'a physician or nurse',
      account: inWallet(async (page) => {
        await page.getByLabel('Let the wallet confirm every single step').check();
        await page.getByText('everybody could see who your physicians are').waitFor();
      }),
    });
    await tryPassphrase(ben.page);
    await askToBeRegistered(ben.page);
    register(ben.wallet.address, 'practitioner');
    await confirmBeforeWallet(ben, GO_ON, 'setKeyCard');
    await until(ben.page, heading(ben.page, 'Patients'));
  });
}

async function relationshipMode() {
  const before = ada.wallet.prompts.length;
  await step('relationship mode: record, document, share; the wallet is asked for nothing', async () => {
    await button(ada.page, 'Start my record').click();
    await until(ada.page, heading(ada.page, 'Problems'));
    await place(ada.page, 'Documents');
    await addFiles(ada.page, [join(top, 'demo/discharge-letter.pdf')]);
    await place(ada.page, 'Sharing');
    await until(ada.page, heading(ada.page, 'Who can see this now'));
    await button(ada.page, 'Share').click();
    await ada.page.getByLabel('With whom?').selectOption({ label: ben.name });
    await button(ada.page, 'Continue').click();
    await confirm(ada.page, 'Share');
    await until(ada.page, button(ada.page, 'Stop sharing'));
    check('no question by the wallet', ada.wallet.prompts.length === before, JSON.stringify(ada.wallet.prompts.slice(before)));
  });
}

async function walletMode() {
  await step('wallet mode: the physician reads what was shared', async () => {
    const before = ben.wallet.prompts.length;
    await ben.page.reload();
    await unlockHere(ben.page);
    await until(ben.page, ben.page.getByRole('link', { name: new RegExp(ada.name) }));
    await ben.page.getByRole('link', { name: new RegExp(ada.name) }).click();
    await until(ben.page, ben.page.getByText('discharge-letter.pdf').first());
    const found = ben.wallet.prompts.slice(before).map((p) => p.type ?? p.kind);
    check('signing in and reading: the wallet is asked once, to sign in', found.join() === 'text', found.join());
  });
}

/** The whole story of a patient whose wallet confirms every step, with a physician in the same mode. */
async function walletModePatient() {
  let keyFile = '';
  let code = '';
  await step('a patient in wallet mode signs up, keeps the key file, is registered', async () => {
    code = await signUp(cleo.page, url, {
      name: cleo.name,
      account: inWallet(async (page) => {
        await page.getByLabel('Let the wallet confirm every single step').check();
        await page.getByText('everybody could see who your physicians are').waitFor();
      }),
    });
    await tryPassphrase(cleo.page);
    await until(cleo.page, heading(cleo.page, 'Done'));
    const [saved] = await Promise.all([cleo.page.waitForEvent('download'), button(cleo.page, 'Save the key file').click()]);
    keyFile = await saved.path();
    await askToBeRegistered(cleo.page);
    register(cleo.wallet.address, 'patient');
    await asks(cleo, 'the card', ['KeyCard', 'ForwardRequest'], async () => {
      await confirmBeforeWallet(cleo, GO_ON, 'setKeyCard');
      await until(cleo.page, button(cleo.page, 'Start my record'));
    });
  });
  await step('the record is opened: three signatures, each said before', () => asks(cleo, 'a folder', ['ForwardRequest', 'FolderKey', 'WrapNote'], async () => {
    await button(cleo.page, 'Start my record').click();
    await confirmBeforeWallet(cleo, GO_ON, 'openFolder');
    await until(cleo.page, heading(cleo.page, 'Problems'));
  }));
  await step('no in the wallet: nothing is added, and the page says so', async () => {
    cleo.wallet.answer = (p) => p.type !== 'ForwardRequest';
    await place(cleo.page, 'Documents');
    await cleo.page.locator('input[type=file][multiple]').setInputFiles(join(top, 'demo/discharge-letter.pdf'));
    await button(cleo.page, 'Lock and add').click();
    await confirm(cleo.page, GO_ON);
    await cleo.page.getByText('You said no in your wallet.').waitFor();
    await axe(cleo.page, 'refused in mid-upload');
    cleo.wallet.answer = () => true;
    await button(cleo.page, 'Clear').click();
  });
  await step('a chart and a document, in one signature', () => asks(cleo, 'a chart and a document', ['ForwardRequest'], () =>
    addFiles(cleo.page, [join(top, 'demo/amara-okafor.json'), join(top, 'demo/discharge-letter.pdf')], undefined, () => confirmBeforeWallet(cleo, GO_ON, 'addRecord'))));
  await step('looking at every page of the record asks the wallet for nothing', () => asks(cleo, 'looking', [], async () => {
    for (const [name, then] of [['Summary', 'Problems'], ['Timeline', 'Timeline'], ['Documents', 'Documents'], ['Sharing', 'Who can see this now'], ['Activity', 'Activity']]) {
      await place(cleo.page, name);
      await until(cleo.page, heading(cleo.page, then));
    }
    await place(cleo.page, 'Documents');
    await cleo.page.getByRole('link', { name: /discharge/i }).first().click();
    await until(cleo.page, cleo.page.locator('ehr-pdf canvas[aria-label]:not([aria-label=""])'));
  }));
  await step('shared with a physician: three signatures', () => asks(cleo, 'sharing', ['WrapNote', 'ForwardRequest', 'GrantNote'], async () => {
    await place(cleo.page, 'Sharing');
    await until(cleo.page, heading(cleo.page, 'Who can see this now'));
    await button(cleo.page, 'Share').click();
    await cleo.page.getByLabel('With whom?').selectOption({ label: ben.name });
    await button(cleo.page, 'Continue').click();
    await confirmBeforeWallet(cleo, 'Share', 'grant');
    await until(cleo.page, button(cleo.page, 'Stop sharing'));
  }));
  await step('the physician reads for nothing, and adds a note by one signature', async () => {
    await place(ben.page, 'Requests');
    await place(ben.page, 'Patients');
    await asks(ben, 'reading', [], async () => {
      await until(ben.page, ben.page.getByRole('link', { name: /Cleo Varga/ }));
      await ben.page.getByRole('link', { name: /Cleo Varga/ }).click();
      await until(ben.page, ben.page.getByText('Amara Ngozi Okafor').first());
    });
    await asks(ben, 'a note', ['ForwardRequest'], async () => {
      await link(ben.page, 'Documents').click();
      await writeNote(ben.page, 'Visit in wallet mode', 'Seen, and signed in the wallet.');
      await confirmBeforeWallet(ben, GO_ON, 'addRecord');
      await until(ben.page, ben.page.getByText('1 of 1 confirmed'));
    });
  });
  await step('the patient sees who looked, with every entry signed', () => asks(cleo, 'the log', [], async () => {
    await place(cleo.page, 'Activity');
    await until(cleo.page, cleo.page.locator('.line-title', { hasText: ben.name }));
    await cleo.page.getByText('3 checks passed').waitFor();
  }));
  await step('stopped: three signatures, and what was opened is told', () => asks(cleo, 'stopping', ['FolderKey', 'ForwardRequest', 'WrapNote'], async () => {
    await place(cleo.page, 'Sharing');
    await until(cleo.page, button(cleo.page, 'Stop sharing'));
    await button(cleo.page, 'Stop sharing').click();
    await confirmBeforeWallet(cleo, 'Stop sharing', 'revoke', 'rotateFolder');
    await until(cleo.page, heading(cleo.page, `Stopped sharing with ${ben.name}`));
    await cleo.page.getByText('These were opened before').waitFor();
  }));
  await step('removed by one signature, erased by one more', async () => {
    await place(cleo.page, 'Documents');
    await cleo.page.getByRole('link', { name: /discharge/i }).first().click();
    await cleo.page.locator('summary').getByText('More', { exact: true }).click();
    await asks(cleo, 'removing', ['ForwardRequest'], async () => {
      await button(cleo.page, 'Remove').click();
      await confirmBeforeWallet(cleo, 'Remove', 'setRecordStatus');
      await button(cleo.page, 'Erase for good').waitFor();
    });
    await asks(cleo, 'erasing', ['VaultRequest'], async () => {
      await button(cleo.page, 'Erase for good').click();
      await cleo.page.getByRole('dialog').getByRole('button', { name: 'Erase for good' }).click();
      await until(cleo.page, heading(cleo.page, 'Documents'));
    });
  });
  await step("another device: the identity is refused with another's account, by code and by key file, and opens with its own", async () => {
    const other = await person('another device');
    const page = other.page;
    other.wallet.keys = [ben.wallet.keys[0], cleo.wallet.keys[0]];
    await page.goto(`${url}/sign-in`);
    await page.getByLabel('Recovery code').fill(code);
    await button(page, 'Unlock').click();
    await page.getByText('This key belongs to another account than your wallet shows.').waitFor();
    await axe(page, "another's account");
    await button(page, 'Key file').click();
    await page.getByLabel('Key file').setInputFiles({ name: 'health-record-key.age', mimeType: 'application/octet-stream', buffer: readFileSync(keyFile) });
    await page.getByLabel('My account is in my wallet').check();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await button(page, 'Unlock').click();
    await page.getByText('This key belongs to another account than your wallet shows.').waitFor();
    check('nobody got in', new URL(page.url()).pathname === '/sign-in', page.url());
    other.wallet.selected = 1;
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await button(page, 'Unlock').click();
    await page.getByText('This key belongs to another account than your wallet shows.').waitFor({ state: 'hidden' });
    await until(page, page.getByText('Amara Ngozi Okafor').first());
    await other.device.close();
  });
}

async function walletChanges() {
  await step('another account in the wallet locks the page', async () => {
    ada.wallet.choose(1);
    await until(ada.page, heading(ada.page, 'Sign in'));
    await ada.page.getByText('Your place is kept; sign in to go on.').waitFor();
    check('nothing is left for a screen reader to read', !(await ada.page.locator('body').innerText()).includes(ben.name));
  });
  await step('and does not get in with this identity', async () => {
    await unlockHere(ada.page);
    await ada.page.getByText('Your wallet is locked, or shows another account or network.').waitFor();
    ada.wallet.choose(0);
    await unlockHere(ada.page);
    await until(ada.page, button(ada.page, 'Stop sharing'));
    check('the place was kept', new URL(ada.page.url()).pathname === '/sharing', ada.page.url());
  });
  await step('a wallet that locks, locks the page; one that stays locked lets nobody in', async () => {
    ada.wallet.lock();
    await until(ada.page, heading(ada.page, 'Sign in'));
    ada.wallet.answer = (p) => p.kind !== 'unlock';
    await unlockHere(ada.page);
    await ada.page.getByText('You said no in your wallet.').waitFor();
    ada.wallet.answer = () => true;
    await unlockHere(ada.page);
    await until(ada.page, button(ada.page, 'Stop sharing'));
  });
  await step('another network in the wallet locks the page, and is switched back at the next sign-in', async () => {
    ada.wallet.switchTo('0x1');
    await until(ada.page, heading(ada.page, 'Sign in'));
    await unlockHere(ada.page);
    await until(ada.page, button(ada.page, 'Stop sharing'));
    check('back on the chain of the node', ada.wallet.chainId === CHAIN, ada.wallet.chainId);
  });
}

await tell(async () => {
  await gettingIn();
  await relationshipMode();
  await walletMode();
  await walletModePatient();
  await walletChanges();
}, { ada: ada.page, ben: ben.page, cleo: cleo.page });
const keys = Object.values(people).flatMap((p) => p.wallet.keys.map((k) => k.privateKey.slice(2)));
const bodies = seen.requests.map((r) => `${r.url}${r.body.toString('latin1')}`).join('\n');
check("no key of the wallet was ever in a page's request", keys.every((k) => !bodies.includes(k)));
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('wallet');
