// Scenarios of console.cjs about lists: none, broken, filtered; the default model; what keys may do.
module.exports = ({ base, args, open, tell, goOn, check, picture, accessible, everyWidth, loaded }) => {
  const clean = (page) => check('no error on the page: ' + page.problems, page.problems.length === 0);
  const answer = (page, matches, status, body) =>
    page.route(matches, (route) => route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) }));
  const is = (path) => (url) => url.pathname === '/' + path;

  return {
    /** Each list says that it is empty, that it cannot be read, and is there again when it can. */
    async states(browser) {
      const page = await open(browser);
      const [id] = args;
      const broken = { error: 'fake failure' };
      const lists = [
        // page, path of its list, what an empty answer is, what the page says of it, what shows that it is back
        ['live', 'sessions', { sessions: [] }, 'Nobody speaks right now', null],
        ['history', 'sessions', { sessions: [] }, 'No sessions yet', '.entry'],
        ['models', 'health', { providers: {} }, 'This gateway recognises nothing', '.cards .card'],
        ['models', 'models', { models: [], default_model: 'x' }, 'The catalogue of this gateway has no model', '[aria-label="Catalogue of models"]'],
        ['system', 'keys', { keys: [] }, 'No key is asked for', '[aria-label="Keys"]'],
        ['system', 'webhooks', { endpoints: [] }, 'No receiver is set', '[aria-label="Receivers of webhooks"]'],
        ['session/' + id, 'recordings', { recordings: [] }, 'There is no recording of this session', null],
      ];
      for (const [where, path, none, empty, back] of lists) {
        await answer(page, is(path), 500, broken);
        await page.goto(`${base}/#/${where}`);
        await page.reload();
        const failure = page.getByRole('alert').filter({ hasText: 'fake failure' });
        await failure.waitFor();
        await accessible(page, `${where} whose ${path} failed`);
        await picture(page, `failed-${where.split('/')[0]}-${path}`);
        await page.unrouteAll();
        await answer(page, is(path), 200, none);
        await failure.getByRole('button', { name: 'Try again' }).click();
        await failure.waitFor({ state: 'detached' });
        await page.getByText(empty).first().waitFor();
        await accessible(page, `${where} whose ${path} has nothing`);
        await page.unrouteAll();
        if (back) {
          await page.reload();
          await page.locator(back).first().waitFor();
        }
      }
      // A list that was read stays, and says that it may be old.
      await page.goto(`${base}/#/models`);
      await page.getByRole('region', { name: 'Catalogue of models' }).waitFor();
      await answer(page, is('health'), 500, broken);
      await page.getByRole('alert').filter({ hasText: 'What is shown may be old' }).waitFor();
      check('the cards are still there', (await page.locator('.cards .card').count()) > 0);
      await page.unrouteAll();
      await page.getByRole('alert').first().waitFor({ state: 'detached' });
      clean(page);
    },

    /** Each filter alone, and together. Arguments: field=value=expected titles, comma between. */
    async filters(browser) {
      const page = await open(browser, { timezoneId: 'UTC' });
      const form = page.getByRole('search');
      for (const [at, line] of args.entries()) {
        const [fields, expected] = line.split(' => ');
        await page.goto(base + '/#/history');
        await page.reload();
        await page.locator('.entry').first().waitFor();
        for (const field of fields.split('; ')) {
          const [name, value] = field.split('=');
          await form.getByLabel(name, { exact: true }).fill(value);
        }
        // The list of before stands until the page has begun the search.
        await page.$$eval('.entry', (entries) => entries.forEach((entry) => entry.setAttribute('data-before', '')));
        await form.getByRole('button', { name: 'Search' }).click();
        await page.waitForFunction(() => document.querySelector('.entry[data-before]') === null);
        const titles = async () => (await page.locator('.entry-title').allTextContents()).sort().join(', ');
        await loaded(page);
        const more = page.getByRole('button', { name: 'Search older sessions' });
        while (await more.isVisible()) {
          await more.click();
          await page.waitForFunction(() => ![...document.querySelectorAll('button.more')].some((button) => button.disabled));
        }
        check(`${fields}: ${await titles()} (expected: ${expected})`, (await titles()) === expected);
        if (at === 0) await everyWidth(page, 'history-filter');
        for (const field of fields.split('; ')) {
          const [name, value] = field.split('=');
          check(`${name} stays in the form`, (await form.getByLabel(name, { exact: true }).inputValue()) === value);
        }
      }
      clean(page);
    },

    /** A turn with confidence and one without; a session of a model that gives none. */
    async confidence(browser) {
      const page = await open(browser);
      const [some, none] = args;
      const fact = () => page.locator('.facts div', { has: page.locator('dt:text-is("Confidence")') }).locator('dd').textContent();
      await page.goto(`${base}/#/session/${some}`);
      await page.locator('.row[data-seq="2"]').waitFor();
      const told = await page.$$eval('.row[data-seq]', (all) => all.map((row) => row.querySelector('.confidence')?.textContent ?? ''));
      check('each turn tells its own: ' + told, told.join() === 'Confidence 90 %,Confidence 40 %,');
      check('the session tells the mean: ' + (await fact()), (await fact()) === '65 %');
      check('a doubtful turn is marked', (await page.locator('.row[data-seq="2"] .doubtful').count()) === 1);
      await everyWidth(page, 'session-confidence');
      await page.goto(`${base}/#/session/${none}`);
      await page.locator('.row[data-seq="1"]').waitFor();
      check('none is made up', (await page.locator('.confidence').count()) === 0);
      check('which is said: ' + (await fact()), (await fact()) === 'not given by this model');
      clean(page);
    },

    /** Which model is the default, and how another becomes it. */
    async byDefault(browser) {
      const page = await open(browser);
      const [name, other] = args;
      await page.goto(base + '/#/models');
      const row = (model) => page.getByRole('row', { name: new RegExp('^' + model) });
      await row(name).getByText('Default', { exact: true }).waitFor();
      check('one is the default', (await page.locator('table .badge', { hasText: 'Default' }).count()) === 1);
      check('it needs no button', (await row(name).getByRole('button', { name: /default/ }).count()) === 0);
      const make = (model) => row(model).getByRole('button', { name: `Make default: ${model}` });
      // As where the node does not serve it.
      const refused = (route) => route.fulfill({ status: 409, json: { error: 'not served' } });
      await page.route('**/models/*/default', refused);
      await make(other).focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: `Make ${other} the default` });
      await dialog.waitFor();
      const text = await dialog.textContent();
      for (const way of [`./linescribe serve --model ${other}`, `linescribe.model.name: ${other}`, `LINESCRIBE_MODEL_NAME=${other}`]) {
        check('it tells ' + way, text.includes(way));
      }
      await everyWidth(page, 'models-default');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      check('the focus is back', await make(other).evaluate((button) => button === document.activeElement));
      await page.unroute('**/models/*/default', refused);
      for (const [next, before] of [[other, name], [name, other]]) {
        await make(next).click();
        await page.getByRole('status').getByText(`${next} is the default of this node`).waitFor();
        await page.waitForFunction(() => document.activeElement.ariaLabel === 'Catalogue of models');
        await row(next).getByText('Default', { exact: true }).waitFor();
        await make(before).waitFor();
        await page.getByText(next === name ? `get ${name} (linescribe.model.name` : `get ${other}, which was chosen here, on this node. Its settings name ${name}.`).waitFor();
        await everyWidth(page, next === name ? 'models-default-configured' : 'models-default-chosen');
      }
      clean(page);
    },

    /** Keys of one scope each are made, told to the test, which tries them, and revoked. */
    async scopes(browser) {
      const page = await open(browser);
      await page.goto(base + '/#/system');
      const form = page.getByRole('form', { name: 'New key' });
      const list = page.getByRole('region', { name: 'Keys', exact: true });
      for (const scope of args) {
        const name = 'only-' + scope;
        await form.getByLabel('Name').fill(name);
        for (const other of args) {
          await form.getByRole('checkbox', { name: new RegExp('^' + other) }).setChecked(other === scope);
        }
        await form.getByRole('button', { name: 'Make a key' }).click();
        await page.locator('.made strong', { hasText: name }).waitFor();
        tell(`made ${scope} ${await page.locator('.made-key code').textContent()}`);
        const row = list.getByRole('row', { name: new RegExp('^' + name) });
        await row.waitFor();
        check('the table tells its scope: ' + (await row.textContent()), (await row.locator('td').nth(2).textContent()) === scope);
        await page.getByRole('button', { name: 'Done' }).click();
      }
      await picture(page, 'system-scopes');
      for (const box of await form.getByRole('checkbox').all()) await box.setChecked(false);
      await form.getByLabel('Name').fill('none');
      await form.getByRole('button', { name: 'Make a key' }).click();
      tell('nothing ' + (await form.getByRole('alert').textContent()));
      await goOn();
      for (const scope of args) {
        await page.getByRole('button', { name: 'Revoke only-' + scope }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
        await list.getByRole('cell', { name: 'only-' + scope, exact: true }).waitFor({ state: 'detached' });
      }
      tell('revoked');
      await goOn();
      clean(page);
    },
  };
};
