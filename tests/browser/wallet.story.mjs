// SPDX-License-Identifier: Apache-2.0
// People whose account is in a wallet: relationship mode and wallet mode, and what a wallet can refuse. Arguments: node URL, data folder.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { axe, check, launchShared, record, step, summary, tell, top } from './browser.mjs';
import { addFiles, askToBeRegistered, button, confirm, heading, place, signUp, tryPassphrase, until, unlockHere } from './steps.mjs';
import { Wallet } from './wallet.mjs';

const [url, data] = process.argv.slice(2);
const { chainId } = await (await fetch(`${url}/api/v1/node`)).json();
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
const seen = record(ada.device, ben.device);
const typed = (wallet) => wallet.prompts.filter((p) => p.kind === 'typed').map((p) => p.type);
/** By the command line, as an administrator elsewhere would. */
function register(account, role) {
  const home = join(data, 'people/admin');
  execFileSync(process.env.EHR, ['--home', home, '--passphrase-file', join(home, 'passphrase'), '--as', 'admin', '--yes', 'admin', 'register', account, '--role', role]);
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
  let before = 0;
  await step('wallet mode: the physician reads what was shared', async () => {
    await ben.page.reload();
    await unlockHere(ben.page);
    await until(ben.page, ben.page.getByRole('link', { name: new RegExp(ada.name) }));
    await ben.page.getByRole('link', { name: new RegExp(ada.name) }).click();
    await until(ben.page, ben.page.getByText('discharge-letter.pdf').first());
    before = ben.wallet.prompts.length;
    console.log(`     wallet mode: the wallet was asked ${before} times: ${typed(ben.wallet).join(' ')}`);
  });
}

async function walletChanges() {
  await step('another account in the wallet locks the page', async () => {
    ada.wallet.choose(1);
    await until(ada.page, heading(ada.page, 'Sign in'));
    await ada.page.getByText('Your place is kept; sign in to go on.').waitFor();
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
  await walletChanges();
}, { ada: ada.page, ben: ben.page });
const keys = Object.values(people).flatMap((p) => p.wallet.keys.map((k) => k.privateKey.slice(2)));
const bodies = seen.requests.map((r) => `${r.url}${r.body.toString('latin1')}`).join('\n');
check("no key of the wallet was ever in a page's request", keys.every((k) => !bodies.includes(k)));
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('wallet');
