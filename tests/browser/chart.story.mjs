// SPDX-License-Identifier: Apache-2.0
// The chart: hostile documents do nothing, decimals keep their text, versions and their difference, search, a report of what
// could not be read, and a chart of the last visit that is kept sealed.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, check, launch, record, recoveryCode, step, summary, tell, top } from './browser.mjs';
import { writeNote } from './steps.mjs';

const [url, data] = process.argv.slice(2);
const OWNED = 'window.owned=1';
const evil = (what) => `https://evil.invalid/${what}`;
const HOSTILE = [
  `<p>harmless words</p><script>${OWNED}</script><img src="x" onerror="${OWNED}"/><img src="${evil('img')}"/>`,
  `<svg onload="${OWNED}"><script>${OWNED}</script><use href="${evil('use')}"/></svg><math><mtext></mtext></math>`,
  `<a href="javascript:${OWNED}" onclick="${OWNED}">press</a><iframe srcdoc="&lt;script&gt;parent.owned=1&lt;/script&gt;"></iframe>`,
  `<p style="background:url(${evil('css')})" onmouseover="${OWNED}" id="main">styled</p><style>body{display:none}</style><link rel="stylesheet" href="${evil('link')}"/>`,
  `<form action="${evil('form')}"><input autofocus="autofocus" onfocus="${OWNED}"/></form><object data="${evil('object')}"></object><noscript><p title="&lt;/noscript&gt;&lt;img src=x onerror=${OWNED}&gt;"></p></noscript>`,
].join('');
const observation = (value) =>
  `{"resourceType":"Observation","id":"o1","status":"final","effectiveDateTime":"2026-03-02","code":{"text":"Kreatinin <img src=x onerror=${OWNED}>"},` +
  `"text":{"status":"generated","div":${JSON.stringify(`<div xmlns="http://www.w3.org/1999/xhtml">${HOSTILE}</div>`)}},"valueQuantity":{"value":${value},"unit":"mg/dL"},` +
  '"referenceRange":[{"low":{"value":0.50},"high":{"value":1.10}}],"note":[{"text":"nüchtern abgenommen"}]}';
const concept = (code) => ({ coding: [{ code }] });
const loinc = (code, display) => ({ coding: [{ system: 'http://loinc.org', code, display }] });
const laboratory = (date, code, display, more) => ({ resourceType: 'Observation', status: 'final', effectiveDateTime: date, category: [concept('laboratory')], code: loinc(code, display), ...more });
/** What the page must not show as true, and results that are no exact numbers. */
const DENIED = [
  { resourceType: 'AllergyIntolerance', clinicalStatus: concept('active'), verificationStatus: concept('refuted'), code: { text: 'Penicillin' }, recordedDate: '2020-01-01' },
  { resourceType: 'AllergyIntolerance', clinicalStatus: concept('active'), verificationStatus: concept('confirmed'), code: { coding: [{ system: 'http://snomed.info/sct', code: '409137002', display: 'No known drug allergy (situation)' }] } },
  { resourceType: 'Condition', verificationStatus: concept('entered-in-error'), code: { text: 'HIV infection' }, recordedDate: '2024-01-01' },
  { resourceType: 'Condition', clinicalStatus: concept('active'), verificationStatus: concept('differential'), code: { text: 'Sarcoidosis' }, recordedDate: '2024-01-01' },
  { resourceType: 'MedicationRequest', status: 'active', intent: 'order', doNotPerform: true, medicationCodeableConcept: { text: 'Warfarin' }, authoredOn: '2025-01-01' },
  { resourceType: 'Condition', clinicalStatus: concept('active'), code: { coding: [{ system: 'http://snomed.info/sct', code: '716186003', display: 'No known allergy' }] }, recordedDate: '2024-01-01' },
  { resourceType: 'MedicationRequest', status: 'on-hold', intent: 'order', medicationCodeableConcept: { text: 'Methotrexate' }, authoredOn: '2025-01-01', dosageInstruction: [{ timing: { repeat: { frequency: 1, period: 1, periodUnit: 'wk' } }, doseAndRate: [{ doseQuantity: { value: 10, unit: 'mg' } }] }] },
  { resourceType: 'Immunization', status: 'not-done', statusReason: { text: 'refused' }, vaccineCode: { text: 'Influenza' }, occurrenceDateTime: '2025-10-01' },
  { resourceType: 'Encounter', status: 'cancelled', class: { code: 'AMB' }, type: [{ text: 'Skin clinic' }], period: { start: '2025-05-01' } },
  laboratory('2025-01-01', '2823-3', 'Potassium', { valueQuantity: { value: 4.1, unit: 'mmol/L' } }),
  laboratory('2025-06-01', '2823-3', 'Potassium', { valueQuantity: { value: 4.4, unit: 'mmol/L' } }),
  laboratory('2026-01-01', '2823-3', 'Potassium', { status: 'entered-in-error', valueQuantity: { value: 9.1, unit: 'mmol/L' } }),
  laboratory('2025-01-01', '67151-1', 'Troponin', { valueQuantity: { value: 0.02, unit: 'ng/mL' } }),
  laboratory('2025-02-01', '67151-1', 'Troponin', { valueQuantity: { value: 0.01, comparator: '<', unit: 'ng/mL' }, referenceRange: [{ high: { value: 0.04 } }] }),
  laboratory('2025-02-01', '7918-6', 'HIV 1 Ab', { valueCodeableConcept: { text: 'Positive' } }),
];
const ccda = `<?xml version="1.0"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:h="http://www.w3.org/1999/xhtml"><title>Letter of transfer</title><component><structuredBody><component><section>
<title>Findings</title><text><paragraph>harmless words</paragraph><h:script>${OWNED}</h:script><h:img src="x" onerror="${OWNED}"/><linkHtml href="javascript:${OWNED}">link words</linkHtml><content revised="delete">deleted words</content>
<table><tr><td colspan="2" onclick="${OWNED}">cell</td></tr></table></text></section></component></structuredBody></component></ClinicalDocument>`;

const AS = `. tools/node-processes
d=$1 url=$2
as() { local who=$1; shift; "$EHR" --home "$d/people/$who" --passphrase-file "$d/people/$who/passphrase" --as "$who" --yes "$@"; }
set -e
`;
const file = (name, text) => {
  writeFileSync(join(data, name), text);
  return join(data, name);
};
const shell = (script, ...args) => execFileSync('bash', ['-c', AS + script, 'prepare', data, url, ...args], { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] });
function prepare() {
  const bundle = `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"p","name":[{"family":"Test","given":["Mia"]}],"birthDate":"1990-05-01"}}]}`;
  const denied = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: DENIED.map((resource, i) => ({ fullUrl: `urn:uuid:d${i}`, resource: { ...resource, id: `d${i}` } })) });
  const script = `make_home "$d" mia "$url"
as admin admin register "$(address_of "$d" mia)" --role patient
as mia card publish --name "Mia Test"
as mia folder new general
as mia folder new dental
as mia record add general --bundle "$3"
as mia record add general --bundle "$6"
as mia record add general "$4" --title "Kreatinin"
as mia record add general "$5" --title "Letter of transfer"`;
  shell(script, file('p.json', bundle), file('o.json', observation('0.010')), file('c.xml', ccda), file('d.json', denied));
}

const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF`;
const FOREIGN = 'script, img, svg, iframe, object, style, link, form, input, a[href], [style], [onclick], [onerror], [onload], [onmouseover], [id]';
async function isHarmless(page, seen, name) {
  await page.waitForTimeout(300);
  const found = await page.evaluate((foreign) => ({
    owned: 'owned' in window,
    foreign: Array.from(document.querySelectorAll('.narrative')).flatMap((n) => Array.from(n.querySelectorAll(foreign)).map((e) => e.outerHTML.slice(0, 80))),
    words: Array.from(document.querySelectorAll('.narrative')).map((n) => n.textContent).join(' '),
  }), FOREIGN);
  check(`${name}: nothing of it ran`, !found.owned);
  check(`${name}: nothing of it acts`, found.foreign.length === 0, found.foreign.join('\n'));
  check(`${name}: its words are shown`, found.words.includes('harmless words'), found.words.slice(0, 200));
  check(`${name}: nothing was asked of elsewhere`, !seen.requests.some((r) => r.url.includes('evil.invalid')));
}
/** The sign-in page settles on a way of its own first: demo, device or code. */
async function signIn(page) {
  await page.goto(`${url}/sign-in`);
  await page.locator('#code, #demo, #pass').first().waitFor();
  while (!(await page.locator('#code').isVisible())) await page.locator('section[aria-labelledby=other] button').filter({ hasText: /code/i }).click({ timeout: 2000 }).catch(() => undefined);
  await page.locator('#code').fill(recoveryCode(data, 'mia'));
  await page.getByRole('button', { name: 'Unlock' }).click();
}
/** A card of the summary has these words, and has not those. */
async function isSaid(page, id, words, not = []) {
  const text = await page.locator(`section[aria-labelledby=${id}]`).innerText();
  const wrong = [...words.filter((w) => !text.includes(w)), ...not.filter((w) => text.includes(w)).map((w) => `not ${w}`)];
  if (wrong.length) throw new Error(`${wrong.join(', ')}: ${text}`);
}
const place = (page, path) => page.locator(`.rail a[href="${path}"]`).click();
async function openRecord(page, title) {
  await place(page, '/documents');
  await page.getByLabel('also entries of the chart').check();
  await page.getByRole('link', { name: new RegExp(title) }).first().click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

prepare();
const { context, close } = await launch();
const seen = record(context);
const page = context.pages()[0] ?? (await context.newPage());
async function story() {
  await step('a patient signs in with the recovery code', async () => {
    await signIn(page);
    await page.getByText('each opened and checked on this device').waitFor();
  });
  await axe(page, 'summary');
  await step('a result stands on the summary with its decimal as written', async () => {
    const row = page.locator('button[aria-expanded]').filter({ hasText: 'Kreatinin' });
    await row.getByText('0.010').waitFor();
    await row.getByText('below the reference range').waitFor({ state: 'attached' });
    await row.click();
    await page.locator('ehr-plot table').getByText('0.010 mg/dL').waitFor();
  });
  await axe(page, 'summary with a plot');
  await step('what is refuted, forbidden, not done or entered in error is not shown as true', async () => {
    const head = await page.locator('.chart-head').innerText();
    if (!head.includes('No known drug allergy; no information on others') || head.includes('Penicillin')) throw new Error(head);
    await isSaid(page, 's-allergies', ['Refuted: Penicillin', 'No known drug allergy']);
    await isSaid(page, 's-medications', ['Do not give: Warfarin', 'in force', 'on hold · 10 mg, once a week'], ['in use', 'see the entry for the dosage']);
    await isSaid(page, 's-immunisations', ['Not given: Influenza', 'refused']);
    await isSaid(page, 's-problems', ['Sarcoidosis', 'active, one of several possible', 'No known allergy'], ['HIV', 'None known']);
    await isSaid(page, 's-results', ['4.4', '<0.01', 'normal ≤ 0.04', 'Positive'], ['9.1']);
  });
  await step('a value below what can be measured is no point of the plot', async () => {
    await page.locator('button[aria-expanded]').filter({ hasText: 'Troponin' }).click();
    await page.locator('ehr-plot table').getByText('<0.01 ng/mL').waitFor();
    const [points, limits] = [await page.locator('ehr-plot svg circle').count(), await page.locator('ehr-plot svg path.limit').count()];
    if (points !== 1 || limits !== 1) throw new Error(`${points} points, ${limits} limits`);
  });
  await axe(page, 'summary with a limit of measurement');
  await step('what is cancelled or entered in error stays in the timeline and in its record, marked', async () => {
    await place(page, '/timeline');
    await page.getByText('Entered in error: Potassium').waitFor();
    await page.locator('.item:not(.head)').filter({ hasText: 'Skin clinic' }).getByText('Visit · cancelled').waitFor();
    await page.getByText('Entered in error: HIV infection').click();
    await page.locator('ehr-resource').filter({ hasText: 'Entered in error: HIV infection' }).getByText('says that it was never true').waitFor();
    await place(page, '/summary');
  });
  await step('a FHIR resource opens in place', async () => {
    await openRecord(page, 'Kreatinin');
    await page.locator('.narrative').getByText('harmless words').waitFor();
    await page.locator('ehr-resource summary').filter({ hasText: 'Everything in this entry' }).click();
    await page.locator('pre.raw').getByText('"value": 0.010').waitFor();
  });
  await isHarmless(page, seen, 'FHIR narrative');
  await axe(page, 'record');
  await step('a C-CDA document opens in place', async () => {
    await openRecord(page, 'Letter of transfer');
    await page.locator('.narrative').getByText('link words').waitFor();
    await page.locator('.narrative del').filter({ hasText: 'struck out: deleted words' }).waitFor();
  });
  await isHarmless(page, seen, 'C-CDA');
  await step('a new version is added, and the old one is shown beside it', async () => {
    await openRecord(page, 'Kreatinin');
    await page.locator('summary').getByText('More', { exact: true }).click();
    await page.getByLabel('Replace by a new version').setInputFiles({ name: 'o.json', mimeType: 'application/json', buffer: Buffer.from(observation('0.0100')) });
    await page.getByText('Versions (2)').click();
    await page.getByRole('row', { name: /^1 / }).getByRole('button', { name: 'Open' }).click();
    await page.locator('.diff .del').getByText('0.010,').waitFor();
    await page.locator('.diff .add').getByText('0.0100,').waitFor();
    await page.getByText('This is version 1 of 2').waitFor();
    if (await page.getByLabel('Replace by a new version').count()) throw new Error('what was replaced can be replaced');
    await page.getByRole('button', { name: 'Open the newest version' }).click();
    await page.getByText('This is version 1 of 2').waitFor({ state: 'hidden' });
  });
  await step('what was added elsewhere is there when the chart is refreshed', async () => {
    shell('as mia record add general "$3" --title Scan', file('s.pdf', PDF));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await openRecord(page, 'Scan');
    await page.getByRole('img', { name: 'Page 1 of the document' }).waitFor();
  });
  await step('nothing of one version of a document stays under the heading of another', async () => {
    const fault = page.getByText('This PDF cannot be shown.');
    await page.locator('summary').getByText('More', { exact: true }).click();
    await page.getByLabel('Replace by a new version').setInputFiles({ name: 's.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 and no more') });
    await fault.waitFor();
    await page.getByText('Versions (2)').click();
    await page.getByRole('row', { name: /^1 / }).getByRole('button', { name: 'Open' }).click();
    await page.getByText('This is version 1 of 2').waitFor();
    await page.getByRole('img', { name: 'Page 1 of the document' }).waitFor();
    await fault.waitFor({ state: 'hidden' });
  });
  await step('search finds words inside, at every letter', async () => {
    await place(page, '/timeline');
    await page.getByLabel('Search in everything').fill('nücht');
    await page.getByText(/^1 of \d+ shown$/).waitFor();
    await page.getByLabel('Search in everything').fill('nüchxyz');
    await page.getByText('Nothing fits.').waitFor();
  });
  await axe(page, 'timeline');
  await step('dropped files: what cannot be read is told by entry, the rest is added', async () => {
    await place(page, '/documents');
    const bundle = '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Condition","id":"c","code":{"text":"Hay fever"},"recordedDate":"2026-01-05"}},{"resource":{"resourceType":"Nonsense"}}]}';
    const dropped = await page.evaluateHandle((text) => {
      const t = new DataTransfer();
      t.items.add(new File([text], 'chart.json', { type: 'application/json' }));
      return t;
    }, bundle);
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: dropped });
    await page.getByText('1 could not be read and will be left out:').waitFor();
    await page.getByText(/chart\.json, entry 2: /).waitFor();
    await page.getByRole('button', { name: 'Lock and add' }).click();
    await page.getByRole('heading', { name: '1 of 1 confirmed' }).waitFor();
    await page.getByText('1 could not be read and were left out').waitFor();
  });
  await axe(page, 'documents with a report');
  await step('the chart of the last visit is kept sealed', async () => {
    await page.waitForTimeout(2500);
    const kept = await page.evaluate(() => new Promise((resolve, reject) => {
      const open = indexedDB.open('ehrd-local', 1);
      open.onerror = () => reject(open.error);
      open.onsuccess = () => {
        const all = open.result.transaction('sealed').objectStore('sealed').getAll();
        all.onsuccess = () => resolve(all.result.map((b) => Array.from(b, (x) => String.fromCharCode(x)).join('')));
      };
    }));
    if (kept.length !== 1 || kept[0].length < 500) throw new Error(`${kept.length} values are kept`);
    if (/Kreatinin|Hay fever|recordId|resourceType/.test(kept[0])) throw new Error('it can be read');
  });
  await step('and shown at the next visit', async () => {
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await signIn(page);
    await place(page, '/summary');
    await page.getByText('Hay fever').waitFor();
    await page.getByText('each opened and checked on this device').waitFor();
  });
  await step('until what was added elsewhere since is read, nothing is called absent', async () => {
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    shell('as mia record add general "$3" --title Shellfish', file('s.json', JSON.stringify({ resourceType: 'AllergyIntolerance', id: 's1', clinicalStatus: concept('active'), code: { text: 'Shellfish' } })));
    let release;
    const held = new Promise((go) => (release = go));
    await page.route('**/bodies/*', async (route) => (await held, await route.continue()));
    await signIn(page);
    await place(page, '/summary');
    await page.getByText('being checked anew…').waitFor();
    await page.locator('.chart-head').getByText('reading…').waitFor();
    const text = await page.locator('main').innerText();
    check('no absence is claimed meanwhile', !/none known|no information|No known drug allergy|could not be opened/i.test(text) && text.includes('Hay fever'), text.slice(0, 900));
    release();
    await page.locator('.chart-head').getByText('Shellfish').waitFor();
    await page.getByText('each opened and checked on this device').waitFor();
    await page.unroute('**/bodies/*');
  });
  await step('records that the node does not give out are told, and nothing is called absent', async () => {
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await page.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase('ehrd-local').onsuccess = resolve)));
    await page.route('**/bodies/*', (route) => route.fulfill({ status: 500, body: '' }));
    await signIn(page);
    await place(page, '/summary');
    await page.getByText(/^(\d+) of \1 records could not be opened\./).waitFor();
    await page.getByText(/^0 of \d+ records opened and checked on this device/).waitFor();
    const text = await page.locator('main').innerText();
    check('no absence is claimed', !/none known|no information|no date of birth/i.test(text) && text.includes('not known, since not everything could be opened'), text.slice(0, 900));
    await axe(page, 'summary of records that could not be opened');
    await page.unroute('**/bodies/*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/^\d+ records, each opened and checked on this device/).waitFor();
    await page.getByText('Hay fever').waitFor();
    await page.getByText(/could not be opened/).waitFor({ state: 'hidden' });
  });
  await step('what was added to one folder is not listed in another, nor is what was chosen for it', async () => {
    await place(page, '/documents');
    await writeNote(page, 'Note for one folder', 'Of this folder only.');
    await page.getByRole('heading', { name: '1 of 1 confirmed' }).waitFor();
    await page.locator('.drop').getByText('Write a note instead').click();
    await page.getByLabel('Title', { exact: true }).fill('A draft');
    await page.getByLabel('Folder').selectOption({ label: 'dental' });
    await page.getByText('Added to “general” (Mia Test): 1 of 1').waitFor();
    const text = await page.locator('main').innerText();
    check('no title of the other folder', !/Note for one folder|1 of 1 confirmed/.test(text), text.slice(0, 600));
    check('no draft for the other folder', !(await page.getByLabel('Title', { exact: true }).isVisible()));
    await page.getByLabel('Folder').selectOption({ label: 'general' });
    await page.getByRole('heading', { name: '1 of 1 confirmed' }).waitFor();
  });
}
await tell(story, { page });
// The inert parser tells what it keeps from running in hostile markup; anything else is a fault of the page.
const errors = seen.errors.filter((e) => !/(Executing inline event handler|Applying inline style) violates/.test(e));
check('the page reported no error', errors.length === 0, errors.join('\n'));
await close();
summary('chart');
