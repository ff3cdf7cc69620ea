// Drives the console in Chromium: node console.cjs SCENARIO BASE FOLDER ARGUMENT…
// Talks with the test by lines: what it has reached, then, where it must wait, a line that lets it go on.
const { chromium } = require('playwright-core');
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');

const [scenario, base, folder, ...args] = process.argv.slice(2);
const KEY = process.env.CONSOLE_KEY;
const LIMIT_MS = 120_000;
const MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (text) => process.stdout.write(text + '\n');
/** What the test says, once it says that it goes on. */
const goOn = async () => {
  const line = await lines.next();
  if (line.done) throw new Error('the test is gone');
  return line.value;
};
const check = (what, holds) => {
  if (!holds) throw new Error('not so: ' + what);
};

async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['microphone'], ...options });
  context.setDefaultTimeout(LIMIT_MS);
  if (!options.withoutKey) {
    await context.addInitScript((key) => sessionStorage.setItem('linescribe.key', key), KEY);
  }
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('console', (message) => {
    // A request that fails is the browser's own line; each test says what it expects of those.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      page.problems.push(message.text());
    }
  });
  return page;
}

/** Nothing of the page is still asked for; several parts may be at once. */
const loaded = (page) => page.waitForFunction(() => document.querySelector('.loading') === null);

const picture = (page, name) => page.screenshot({ path: `${folder}/${name}.png` });

async function accessible(page, name) {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  const told = violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.map((n) => n.html).join(' | ').slice(0, 300)}`);
  check(`${name} is accessible: ${told.join('; ')}`, violations.length === 0);
}

/** Pictures of a page in light, dark and on a phone, and what axe says of it. */
async function everyWidth(page, name) {
  await picture(page, `${name}-light`);
  await accessible(page, `${name} in light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, `${name}-dark`);
  await accessible(page, `${name} in dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, `${name}-phone`);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await accessible(page, `${name} on a phone`);
  check(`${name} fits a phone: ${beyond} px too wide`, beyond <= 0);
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Tab reaches a row's words once, the arrow keys choose one, Enter and Space play it. */
async function wordsByKeyboard(page, row, player, heardMs) {
  const words = row.locator('.word');
  const count = await words.count();
  check('a row is one stop of the Tab key', (await row.locator('.word[tabindex="0"]').count()) === 1);
  await row.getByRole('button', { name: 'Play from' }).focus();
  await page.keyboard.press('Tab');
  check('which is a word', await page.evaluate(() => document.activeElement.matches('.word')));
  await page.keyboard.press('Home');
  const focused = (at) => words.nth(at).evaluate((word) => word === document.activeElement);
  check('Home goes to the first word', await focused(0));
  const ring = await words.nth(0).evaluate((word) => getComputedStyle(word).outlineStyle + ' ' + parseFloat(getComputedStyle(word).outlineWidth));
  check('the focus is seen: ' + ring, /^solid [1-9]/.test(ring));
  await page.keyboard.press('End');
  check('End goes to the last word', await focused(count - 1));
  await page.keyboard.press('ArrowRight');
  check('and there is none behind it', await focused(count - 1));
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  check('an arrow key goes on by one', await focused(1));
  await picture(page, 'session-word-focus');
  await accessible(page, 'words by keyboard');
  await player.getByLabel('Position').fill('0');
  const scrolled = await page.evaluate(() => scrollY);
  for (const key of ['Enter', 'Space']) {
    await words.nth(1).focus();
    await page.keyboard.press(key);
    await player.getByRole('button', { name: 'Pause' }).click();
    check(`${key} plays the word: ${await heardMs()}`, (await heardMs()) > 0);
    await player.getByLabel('Position').fill('0');
    check('the position is back', (await heardMs()) === 0);
  }
  check('Space does not scroll', Math.abs((await page.evaluate(() => scrollY)) - scrolled) < 400);
}

/** The recording of an ended session, in step with its words. */
async function playback(page) {
  const player = page.getByRole('region', { name: 'Recording' });
  await player.locator('.wave[d^="M"]').waitFor();
  // The first of several words (a pause may have left a single one before): behind it there is audio enough, so that it plays until it is paused.
  const row = page.locator('.row[data-seq]:has(.word ~ .word)').first();
  await row.locator('.word').first().waitFor();
  await everyWidth(page, 'session-recording');
  const audio = player.locator('audio');
  const heardMs = () => audio.evaluate((element) => element.currentTime * 1000);
  const [from] = (await row.locator('.at').textContent()).split(':').map(Number).reverse();
  await row.getByRole('button', { name: 'Play from' }).click();
  await page.locator('.row.current .word.current').waitFor();
  await player.getByRole('button', { name: 'Pause' }).click();
  check('it plays what was chosen: ' + (await heardMs()), (await heardMs()) >= from * 1000);
  check('in its row', (await page.locator('.row.current').getAttribute('data-seq')) === (await row.getAttribute('data-seq')));
  const word = row.locator('.word').nth(1);
  await word.click();
  await player.getByRole('button', { name: 'Pause' }).click();
  const atWordMs = await heardMs();
  check(`a later word is later: ${atWordMs}`, atWordMs > from * 1000);
  await wordsByKeyboard(page, row, player, heardMs);
  await player.getByLabel('Speed').selectOption('1.5');
  check('the speed is set', (await audio.evaluate((element) => element.playbackRate)) === 1.5);
  await player.getByLabel('Position').focus();
  await page.keyboard.press('Home');
  check('the keyboard seeks: ' + (await heardMs()), (await heardMs()) === 0);
  const [file] = await Promise.all([page.waitForEvent('download'), player.getByRole('button', { name: 'Audio' }).click()]);
  check('the audio has its name: ' + file.suggestedFilename(), file.suggestedFilename() === 'console-control.wav');
  check('the list of downloads has no key: ' + file.url(), !file.url().includes(KEY));
  check('nor is the browser signed in', (await page.context().cookies()).length === 0);
  const audioFile = readFileSync(await file.path());
  check('and is one: ' + audioFile.length, audioFile.toString('latin1', 0, 4) === 'RIFF' && audioFile.length > 16_000);
}

const rows = (page) =>
  page.$$eval('.row[data-seq]', (found) =>
    found.map((row) => row.dataset.seq + ' ' + row.querySelector('.text').textContent));

const scenarios = {
  /** A call in the list of live ones, its words while they are spoken, a lost line, and its end. */
  async call(browser) {
    const page = await open(browser);
    const [id] = args;
    await page.goto(base + '/#/live');
    await page.getByText('Nobody speaks right now').waitFor();
    const address = await page.locator('.notice .address code').textContent();
    check('the first page tells whom to call: ' + address, address === args[1]);
    await everyWidth(page, 'live-empty');
    tell('empty');
    const card = page.locator('.card');
    await card.waitFor();
    await page.locator('.card .words .open').first().waitFor();
    await picture(page, 'live');
    await page.locator('.card .words p:not(.open):not(.muted)').first().waitFor();
    await card.getByRole('link').click();
    await page.locator('.page-head .badge.live').waitFor();
    await page.locator('.row[data-seq="1"]').waitFor();
    check('the address leads to the session', page.url().endsWith('#/session/' + id));
    tell('reading');
    await page.getByText('The connection to the gateway is lost').waitFor();
    await page.locator('.page-head .badge.warn').waitFor();
    await picture(page, 'session-lost');
    tell('lost');
    await page.getByText('The connection to the gateway is lost').waitFor({ state: 'detached' });
    tell('back');
    await page.locator('.page-head .badge.quiet', { hasText: 'Ended' }).waitFor();
    tell('ended');
    const last = await goOn();
    await page.locator(`.row[data-seq="${last}"]`).waitFor();
    await picture(page, 'session');
    for (const row of await rows(page)) tell('row ' + row);
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** A call that is paused, recorded and hung up from its card, by keyboard where it matters. */
  async control(browser) {
    const page = await open(browser);
    await page.goto(base + '/#/live');
    const card = page.locator('.card');
    await card.locator('.quality .badge').first().waitFor();
    for (const figure of ['Loss', 'Jitter', 'Lag']) {
      check(figure + ' is told', (await card.locator('.quality').textContent()).includes(figure));
    }
    await card.getByRole('button', { name: 'Pause' }).click();
    await card.getByText('Transcript paused').waitFor();
    await card.getByRole('button', { name: 'Resume' }).click();
    await card.getByText('Transcript paused').waitFor({ state: 'detached' });
    await card.getByRole('button', { name: 'Record', exact: true }).click();
    await card.getByText('Recording', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Mark', exact: true }).click();
    await card.getByText('Marked', { exact: true }).waitFor();
    await everyWidth(page, 'live-call');
    const hangUp = card.getByRole('button', { name: 'Hang up' });
    const dialog = page.getByRole('dialog', { name: 'Hang up this call?' });
    await hangUp.focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    check('the harmless answer has the focus', (await page.locator(':focus').textContent()).includes('Cancel'));
    await picture(page, 'live-hang-up');
    await accessible(page, 'the question');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    check('the focus is back', await hangUp.evaluate((button) => button === document.activeElement));
    tell('asked');
    await goOn();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await card.locator('.badge', { hasText: 'Ended' }).waitFor();
    await card.getByRole('button').first().waitFor({ state: 'detached' });
    await card.getByRole('link').click();
    await page.locator('.mark-row', { hasText: 'Marked' }).waitFor();
    await playback(page);
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** Each page in light, dark and on a phone. */
  async pages(browser) {
    const pages = { live: 'Live', history: 'History', try: 'Try it', models: 'Models', system: 'System' };
    const drawn = await open(browser, { colorScheme: 'light' });
    for (const [name, title] of Object.entries({ ...pages, ['session/' + args[0]]: args[1] })) {
      const file = name.split('/')[0];
      await drawn.goto(`${base}/#/${name}`);
      await drawn.getByRole('heading', { level: 1, name: title }).waitFor();
      await loaded(drawn);
      await everyWidth(drawn, file);
    }
    check('no error on the page: ' + drawn.problems, drawn.problems.length === 0);
    const page = await open(browser);
    await page.goto(base + '/#/live');
    await page.keyboard.press('Tab');
    check('the first stop skips the navigation', (await page.locator(':focus').textContent()) === 'Skip to the page');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    check('the fourth is a page', (await page.locator(':focus').textContent()).includes('History'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    check('a new page gets the focus', (await page.evaluate(() => document.activeElement.id)) === 'main');
    await page.goto(base + "/#/nowhere");
    await page.getByText('There is no such page').waitFor();
  },

  /** The line, its capacity, and the settings that are found. */
  async system(browser) {
    const page = await open(browser);
    // How many calls fit depends on the machine and on the calls of other tests: the answers are real but for that.
    await page.addInitScript(() => {
      const ask = window.fetch.bind(window);
      window.fits = { more_calls: 41, bound_by: 'calls' };
      window.fetch = async (input, init) => {
        const response = await ask(input, init);
        const path = new URL(input instanceof Request ? input.url : input, location.href).pathname;
        if (!response.ok || (path !== '/system' && path !== '/health')) return response;
        const body = await response.json();
        window.limits = body.capacity?.limits ?? window.limits;
        const shown = path === '/health' ? { ...body, ready: true } : { ...body, capacity: { ...body.capacity, ...window.fits } };
        return new Response(JSON.stringify(shown), { status: 200, headers: { 'Content-Type': 'application/json' } });
      };
    });
    await page.goto(base + '/#/system');
    const registrations = page.getByRole('region', { name: 'Registrations' });
    await registrations.getByText('Refused with 403').waitFor();
    check('the account is told', (await registrations.textContent()).includes('100@127.0.0.1'));
    const trunks = page.getByRole('region', { name: 'Trunks' });
    check('the trunk has its limit', (await trunks.getByRole('row', { name: /carrier/ }).textContent()).includes('0 of 7'));
    const tile = (name) => page.locator('.tile', { has: page.locator(`dt:text-is("${name}")`) });
    const capacity = async (text, bound) => {
      await tile('Capacity').filter({ hasText: text }).filter({ hasText: bound }).waitFor();
    };
    await capacity('41 more calls fit', 'linescribe.call.max-calls');
    check('the limit of calls is told', (await page.evaluate(() => window.limits)).some((limit) => limit.name === 'calls' && limit.limit === 42));
    const sip = await tile('SIP').textContent();
    check('the address and its transports: ' + sip, sip.includes(args[0]) && sip.includes('UDP and TCP'));
    await everyWidth(page, 'system-line');
    await page.evaluate(() => (window.fits = { more_calls: 1, bound_by: 'media-ports' }));
    await capacity('1 more call fits', 'linescribe.rtp.ports');
    await page.evaluate(() => (window.fits = { more_calls: 0, bound_by: 'recogniser' }));
    await capacity('No more calls fit', 'the time that recognition takes');
    const shown = page.locator('.settings code').filter({ hasText: /^linescribe\./ });
    check('what differs is shown', (await shown.allTextContents()).includes('linescribe.call.max-calls'));
    await page.getByPlaceholder('Find a setting').fill('codecs');
    await page.locator('.settings').getByText('linescribe.rtp.codecs', { exact: true }).waitFor();
    check('nothing else is: ' + (await shown.allTextContents()), (await shown.allTextContents()).length < 5);
    await page.getByPlaceholder('Find a setting').fill('no such setting');
    await page.getByText('No setting has that in its name or meaning').waitFor();
    const answer = (path, status) =>
      page.route(`${base}/${path}`, (route) => route.fulfill({ status, contentType: 'application/json', body: '{"error":"fake failure"}' }));
    await answer('system', 500);
    await answer('webhooks', 500);
    await page.getByRole('alert').getByText('fake failure').nth(1).waitFor();
    check('a failure is not the key’s', (await page.getByText('lacks the scope admin').count()) === 0);
    await accessible(page, 'a page whose parts failed');
    await page.unroute(`${base}/system`);
    await page.unroute(`${base}/webhooks`);
    await page.getByRole('alert').first().waitFor({ state: 'detached' });
    await page.route(`${base}/webhooks`, (route) => route.fulfill({ contentType: 'application/json', body: '{"endpoints":[]}' }));
    await page.getByText('No receiver is set').waitFor();
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** A call by the call tool, and its report. */
  async testcall(browser) {
    const page = await open(browser);
    await page.goto(base + '/#/try');
    await page.getByRole('button', { name: 'Place a test call' }).click();
    await page.getByRole('button', { name: 'Calling …' }).waitFor();
    const report = page.getByRole('region', { name: 'Report of the test call' });
    await report.or(page.getByRole('alert')).first().waitFor();
    await report.getByText('Transcribed', { exact: true }).waitFor({ timeout: 10_000 });
    const facts = await report.locator('.facts').textContent();
    check('words, latencies and numbers are told: ' + facts, /Words\d+ of \d+ wrong.*First text\d+ ms.*Finalsat most \d+ ms.*none lost or repeated/.test(facts));
    await everyWidth(page, 'try-test-call');
    await report.getByRole('link', { name: 'Open the transcript' }).click();
    await page.locator('.row[data-seq="1"]').waitFor();
    tell('called ' + decodeURIComponent(page.url().split('/').at(-1)));
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** The gateway asks for a key. */
  async key(browser) {
    const page = await open(browser, { withoutKey: true });
    await page.goto(base + '/#/history');
    await page.getByText('This gateway asks for a key').waitFor();
    await accessible(page, 'the prompt');
    await picture(page, 'key');
    await page.getByRole('textbox', { name: 'Key' }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('does not know this key').waitFor();
    await page.getByRole('textbox', { name: 'Key' }).fill(KEY);
    await page.keyboard.press('Enter');
    await page.locator('.entry').first().waitFor();
    check('the key is not in the address', !page.url().includes(KEY));
    check('the key outlives the tab nowhere', await page.evaluate((key) => !JSON.stringify(localStorage).includes(key), KEY));
    await page.reload();
    await page.locator('.entry').first().waitFor();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.getByText('This gateway asks for a key').waitFor();
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** A key is made, shown once, used by another tab, and revoked. */
  async keys(browser) {
    const page = await open(browser);
    await page.goto(base + '/#/system');
    const form = page.getByRole('form', { name: 'New key' });
    await form.getByLabel('Name').fill('crm');
    await page.keyboard.press('Enter');
    const key = await page.locator('.made-key code').textContent();
    check('it is one: ' + key.length, /^ls_[\w-]{40,}$/.test(key));
    await everyWidth(page, 'system-key');
    await page.getByRole('button', { name: 'Done' }).click();
    check('it is shown once', !(await page.content()).includes(key));
    await form.getByLabel('Name').fill('crm');
    await form.getByRole('button', { name: 'Make a key' }).click();
    await form.getByText('A key of this name exists').waitFor();
    const reader = await open(browser, { withoutKey: true });
    await reader.goto(base + '/#/system');
    await reader.getByRole('textbox', { name: 'Key' }).fill(key);
    await reader.keyboard.press('Enter');
    await reader.getByText('Settings and keys are for administrators').waitFor();
    await page.getByRole('button', { name: 'Revoke crm' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    const list = page.getByRole('region', { name: 'Keys', exact: true });
    await list.getByRole('cell', { name: 'crm', exact: true }).waitFor({ state: 'detached' });
    await reader.getByText('does not know this key').waitFor();
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** An event that a receiver refused is sent again. */
  async letters(browser) {
    const page = await open(browser);
    await page.goto(base + '/#/system');
    const again = page.getByRole('button', { name: /^Send again: segment.final 1/ });
    await again.waitFor();
    await everyWidth(page, 'system-letters');
    await again.click();
    await page.getByText('The receiver did not take it').waitFor();
    tell('refused');
    await goOn();
    await page.getByRole('button', { name: 'Send all again' }).click();
    await page.getByText('1 event was delivered').waitFor();
    await again.waitFor({ state: 'detached' });
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** An ended call's quality over time, its marks, and the search by language. */
  async quality(browser) {
    const page = await open(browser);
    const [id] = args;
    await page.goto(base + '/#/history');
    await page.getByLabel('Language').fill('de');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('.entry', { hasText: 'spoken-de' }).waitFor();
    // The list of all was there before; others go when the answer to the search is shown.
    await page.waitForFunction(() => document.querySelectorAll('.entry').length === 1);
    await page.getByLabel('Language').fill('fr');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing found').waitFor();
    await page.goto(base + '/#/session/' + id);
    const plot = page.getByRole('region', { name: 'Quality over time' });
    await plot.locator('.mos[d^="M"]').waitFor();
    check('the loss is drawn', (await plot.locator('.loss').getAttribute('d')).startsWith('M'));
    const told = await plot.getByRole('img').getAttribute('aria-label');
    check('the picture is told in words: ' + told, /lowest MOS \d\.\d at 0:10, highest loss 12\.5 % at 0:10/.test(told));
    const rows = await page.$$eval('.row', (found) => found.map((row) => row.querySelector('.text').textContent));
    check('the mark is in its place, as text: ' + rows, rows[1] === MARKUP && rows.length === 3);
    await everyWidth(page, 'session-quality');
    for (const format of ['TXT', 'SRT', 'VTT', 'JSON']) {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export as ' + format }).click(),
      ]);
      await file.saveAs(`${args[1]}/marked.${format.toLowerCase()}`);
    }
    check('nothing of it ran', await page.evaluate(() => window.hacked === undefined));
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** A model is pulled from the test's fake mirror; its progress shows here and in a page that comes later. */
  async pull(browser) {
    const page = await open(browser);
    const [name] = args;
    await page.goto(base + '/#/models');
    await page.getByRole('button', { name: 'Pull ' + name }).click();
    const dialog = page.getByRole('dialog', { name: `Pull ${name}?` });
    await dialog.waitFor();
    await accessible(page, 'the question of trust');
    await dialog.getByRole('button', { name: 'Trust and pull' }).click();
    const bar = page.getByRole('progressbar', { name: 'Download of ' + name });
    await bar.waitFor();
    await page.waitForFunction(() => document.querySelector('progress[value]')?.value > 0);
    await everyWidth(page, 'models-pull');
    const late = await open(browser);
    await late.goto(base + '/#/models');
    await late.getByRole('progressbar', { name: 'Download of ' + name }).waitFor();
    tell('half');
    const row = page.getByRole('row', { name });
    await row.getByText('Installed').waitFor();
    await late.getByRole('row', { name }).getByText('Installed').waitFor();
    await bar.waitFor({ state: 'detached' });
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** A model's speed on this machine; while a call is on the page says why there is none. */
  async speed(browser) {
    const page = await open(browser);
    const [name] = args;
    await page.goto(base + '/#/models');
    const row = page.getByRole('row', { name });
    await row.getByRole('button', { name: 'Measure ' + name }).click();
    await page.getByRole('alert').getByText('Sources are open').waitFor();
    await accessible(page, 'a refused measurement');
    tell('refused');
    await goOn();
    await row.getByRole('button', { name: 'Measure ' + name }).click();
    await row.getByText(/× real time, \d+ calls? a core/).waitFor({ timeout: 120_000 });
    check('the refusal is gone', (await page.getByRole('alert').count()) === 0);
    await everyWidth(page, 'models-speed');
    await page.reload();
    await page.getByRole('row', { name }).getByText('× real time').waitFor();
    // The browser itself tells of a status of 409.
    const others = page.problems.filter((problem) => !String(problem).includes('409'));
    check('no error on the page: ' + others, others.length === 0);
  },

  /** Text and names that try to be markup, a file's name among them. */
  async markup(browser) {
    const page = await open(browser);
    const [id] = args;
    await page.goto(base + '/#/history');
    await page.locator('.entry', { hasText: '<img src=x' }).waitFor();
    await page.getByLabel('Words').fill('SRC=X <script>');
    await page.getByLabel('Number or Call-ID').fill('+4930123');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('.match mark').first().waitFor();
    check('the match is shown as it is', (await page.locator('.match').first().textContent()).includes(MARKUP));
    await picture(page, 'history-search');
    await page.getByLabel('Words').fill('nobody said this');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing found').waitFor();
    await page.getByRole('link', { name: 'Show all sessions' }).click();
    await page.locator('.entry').first().waitFor();
    await page.goto(base + '/#/session/' + id);
    await page.locator('.row[data-seq="1"]').waitFor();
    check('the text is shown as it is', (await rows(page))[0].includes(MARKUP));
    check('the name is shown as it is', (await page.locator('h1').textContent()).includes('<img src=x'));
    await page.getByLabel('Find in this transcript').fill('<IMG');
    await page.locator('.row mark').first().waitFor();
    check('what is found is marked', (await page.locator('.row mark').first().textContent()) === '<img');
    await picture(page, 'markup');
    for (const format of ['TXT', 'SRT', 'VTT', 'JSON']) {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export as ' + format }).click(),
      ]);
      await file.saveAs(`${args[1]}/export.${format.toLowerCase()}`);
    }
    await page.goto(base + '/#/try');
    await page.locator('input[type=file]').setInputFiles({ name: MARKUP + '.wav', mimeType: 'audio/wav', buffer: Buffer.from('no audio') });
    await page.locator('.file-state strong').waitFor();
    check('the file name is shown as it is', (await page.locator('.file-state strong').textContent()).includes('<script>'));
    await page.locator('.problem').waitFor();
    check('nothing of it ran', await page.evaluate(() => window.hacked === undefined));
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** A transcript of thousands of segments, and one that is deleted while it is open. */
  async huge(browser) {
    const page = await open(browser);
    const [id, count] = args;
    await page.goto(base + '/#/session/' + id);
    await page.getByText(count, { exact: true }).waitFor();
    const drawn = () => page.locator('.row').count();
    check('few of its rows are in the document: ' + (await drawn()), (await drawn()) < 400);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    check('it can be scrolled over its whole length: ' + height, height > count * 30);
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.locator(`.row[data-seq="${count}"]`).waitFor();
    check('few rows are left: ' + (await drawn()), (await drawn()) < 400);
    await page.getByLabel('Find in this transcript').fill('needle');
    await page.locator('mark').waitFor();
    check('one is found', (await drawn()) === 1);
    await page.getByLabel('Find in this transcript').fill('');
    tell('open');
    await page.getByText('This session was deleted').waitFor();
    await picture(page, 'deleted');
    await accessible(page, 'a deleted session');
    await page.goto(base + '/#/session/nobody');
    await page.getByText('There is no such session').waitFor();
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },

  /** The microphone, which plays a recording, and a file. */
  async speak(browser) {
    const page = await open(browser);
    await page.goto(base + '/#/try');
    await page.getByRole('button', { name: 'Start the microphone' }).click();
    await page.locator('.heard p.open').waitFor();
    await picture(page, 'try-speaking');
    await page.locator('.heard p:not(.open):not(.muted)').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Open the transcript' }).click();
    await page.locator('.row[data-seq="1"]').waitFor();
    tell('spoken ' + decodeURIComponent(page.url().split('/').at(-1)));
    await page.goto(base + '/#/try');
    await page.locator('input[type=file]').setInputFiles(args[0]);
    await page.getByRole('link', { name: 'Open the transcript' }).waitFor();
    tell('text ' + (await page.getByLabel('Text of the file').textContent()));
    await picture(page, 'try-file');
    check('no error on the page: ' + page.problems, page.problems.length === 0);
  },
};

const tools = { base, args, KEY, open, tell, goOn, check, picture, accessible, everyWidth, loaded };
Object.assign(scenarios, require('./console-live.cjs')(tools), require('./console-lists.cjs')(tools));

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--use-file-for-fake-audio-capture=' + process.env.CONSOLE_MICROPHONE,
    ],
  });
  try {
    await scenarios[scenario](browser);
    tell('done');
  } catch (failed) {
    for (const context of browser.contexts()) {
      for (const page of context.pages()) {
        await picture(page, 'failed-' + scenario).catch(() => {});
      }
    }
    tell('failed ' + failed.stack.replace(/\n/g, ' | '));
  } finally {
    await browser.close();
    process.exit(0);
  }
})();
