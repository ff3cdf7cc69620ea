// Scenarios of console.cjs while people speak: two parties, a line that is lost under cards and under the microphone.
module.exports = ({ base, args, open, tell, goOn, check, picture, everyWidth }) => {
  /** Keeps what open utterances looked like whenever they changed, and the finals of a card with their numbers. */
  const watch = (page) =>
    page.addInitScript(() => {
      window.open_ = [];
      window.finals = new Map();
      window.doubled = [];
      const look = () => {
        for (const line of document.querySelectorAll('.card .words p.open, .row.open')) {
          const [stable, unstable] = ['.stable', '.unstable'].map((part) => line.querySelector(part));
          const style = (part) => `${getComputedStyle(part).fontStyle} ${getComputedStyle(part).color}`;
          window.open_.push({
            in: line.matches('.row') ? 'session' : 'card',
            leg: line.querySelector('.who')?.textContent,
            stable: stable.textContent,
            unstable: unstable.textContent,
            differ: getComputedStyle(stable).fontStyle !== getComputedStyle(unstable).fontStyle && style(stable) !== style(unstable),
          });
        }
        const lines = [...document.querySelectorAll('.card .words p[data-seq]')];
        const seqs = lines.map((line) => Number(line.dataset.seq));
        if (seqs.some((seq, at) => at > 0 && seq <= seqs[at - 1])) window.doubled.push(seqs.join(' '));
        for (const line of lines) {
          const who = line.querySelector('.who')?.textContent ?? '';
          window.finals.set(Number(line.dataset.seq), `${who} ${line.textContent.slice(who.length)}`);
        }
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    });
  /** Both parties had a text of which a part could still change, and it looked so. */
  const toldApart = (page, where) =>
    page.waitForFunction(
      (place) =>
        ['caller', 'callee'].every((leg) =>
          window.open_.some((line) => line.in === place && line.leg === leg && line.stable.trim() && line.unstable.trim() && line.differ),
        ),
      where,
    );
  const cardLines = (page) => page.$$eval('.card .words p[data-seq]', (lines) => lines.map((line) => Number(line.dataset.seq)));

  /** Counts the bytes that the microphone gives, to the click on Stop too. */
  const countSpoken = (page) =>
    page.addInitScript(() => {
      window.spokenBytes = 0;
      document.addEventListener(
        'click',
        ({ target }) => target.textContent.trim() === 'Stop' && (window.spokenAtStop = window.spokenBytes),
        true,
      );
      window.AudioWorkletNode = class extends AudioWorkletNode {
        constructor(...arguments_) {
          super(...arguments_);
          this.port.addEventListener('message', ({ data }) => (window.spokenBytes += data.frame.byteLength));
        }
      };
    });
  const transcriptId = async (page) => {
    const link = page.getByRole('link', { name: 'Open the transcript' });
    await link.waitFor();
    return decodeURIComponent((await link.getAttribute('href')).split('/').at(-1));
  };

  return {
    /** A call of two parties on its card and on its page. */
    async parties(browser) {
      const [id] = args;
      const page = await open(browser);
      await watch(page);
      await page.goto(base + '/#/live');
      await page.getByText('Nobody speaks right now').waitFor();
      tell('empty');
      await page.locator('.card').waitFor();
      await toldApart(page, 'card');
      await picture(page, 'live-two-parties');
      await page.waitForFunction(() => ['caller', 'callee'].every((leg) => [...window.finals.values()].some((line) => line.startsWith(leg + ' '))));
      await everyWidth(page, 'live-two-parties-finals');
      for (const [seq, line] of await page.evaluate(() => [...window.finals])) tell(`card ${seq} ${line}`);
      await page.locator('.card a').click();
      check('the address leads to the session', page.url().endsWith('#/session/' + id));
      await toldApart(page, 'session');
      await picture(page, 'session-two-parties');
      for (const leg of ['caller', 'callee']) {
        await page.locator('.row[data-seq]', { has: page.locator(`.who:text-is("${leg}")`) }).nth(1).waitFor();
      }
      tell('spoken');
      const last = await goOn();
      await page.locator('.page-head .badge.quiet', { hasText: 'Ended' }).waitFor();
      await page.locator(`.row[data-seq="${last}"]`).waitFor();
      const colours = await page.$$eval('.row[data-seq] .who', (all) => Object.fromEntries(all.map((who) => [who.textContent, getComputedStyle(who).color])));
      check('each party has a colour: ' + JSON.stringify(colours), new Set(Object.values(colours)).size === 2);
      await everyWidth(page, 'session-two-parties-ended');
      for (const row of await page.$$eval('.row[data-seq]', (all) =>
        all.map((one) => `${one.dataset.seq} ${one.querySelector('.who').textContent} ${one.querySelector('.text').textContent}`),
      )) {
        tell('row ' + row);
      }
      check('no number came twice or before another: ' + (await page.evaluate(() => window.doubled)), await page.evaluate(() => window.doubled.length === 0));
      check('no error on the page: ' + page.problems, page.problems.length === 0);
    },

    /** The line is lost under a card; it shows, and heals. */
    async cards(browser) {
      const page = await open(browser);
      await watch(page);
      await page.goto(base + '/#/live');
      await page.getByText('Nobody speaks right now').waitFor();
      tell('empty');
      const card = page.locator('.card');
      await card.locator('.words p[data-seq]').first().waitFor();
      const before = Math.max(...(await cardLines(page)));
      tell('reading');
      await page.getByText('The connection to the gateway is lost').waitFor();
      await card.locator('.badge.warn', { hasText: 'Reconnecting' }).waitFor();
      check('the card keeps its words', (await cardLines(page)).length > 0);
      await everyWidth(page, 'live-lost');
      tell('lost');
      await page.getByText('The connection to the gateway is lost').waitFor({ state: 'detached' });
      await card.locator('.badge.live').waitFor();
      await page.waitForFunction((seq) => [...document.querySelectorAll('.card .words p[data-seq]')].some((line) => Number(line.dataset.seq) > seq), before);
      tell('back');
      const last = await goOn();
      await card.locator(`.words p[data-seq="${last}"]`).waitFor();
      await card.locator('.badge', { hasText: 'Ended' }).waitFor();
      for (const line of await page.$$eval('.card .words p[data-seq]', (all) =>
        all.map((one) => {
          const who = one.querySelector('.who').textContent;
          return `${one.dataset.seq} ${who} ${one.textContent.slice(who.length)}`;
        }),
      )) {
        tell('line ' + line);
      }
      check('no number came twice or before another: ' + (await page.evaluate(() => window.doubled)), await page.evaluate(() => window.doubled.length === 0));
      check('one card is there', (await card.count()) === 1);
      check('no error on the page: ' + page.problems, page.problems.length === 0);
    },

    /** The line is lost while somebody speaks into the microphone; what was said meanwhile is transcribed all the same. */
    async microphone(browser) {
      const page = await open(browser);
      await countSpoken(page);
      const spoken = () => page.evaluate(() => window.spokenBytes);
      await page.goto(base + '/#/try');
      await page.getByRole('button', { name: 'Start the microphone' }).click();
      const heard = page.getByRole('log', { name: 'What was heard' });
      await heard.locator('p[data-seq]').first().waitFor();
      tell('reading');
      await goOn();
      const atStall = await spoken();
      await page.waitForFunction((bytes) => window.spokenBytes > bytes, atStall + Number(args[1]));
      tell('stalled');
      await page.getByText('What you say is kept and sent when the line is back').waitFor();
      const atLoss = await spoken();
      await page.waitForFunction((bytes) => window.spokenBytes > bytes, atLoss + Number(args[0]));
      await everyWidth(page, 'try-microphone-lost');
      tell('lost');
      await page.getByText('What you say is kept and sent when the line is back').waitFor({ state: 'detached' });
      const seqs = () => heard.locator('p[data-seq]').evaluateAll((all) => all.map((line) => Number(line.dataset.seq)));
      const known = (await seqs()).length;
      await heard.locator('p[data-seq]').nth(known).waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      const id = await transcriptId(page);
      tell(`spoken ${await page.evaluate(() => window.spokenAtStop)} ${id}`);
      const last = await goOn();
      await heard.locator(`p[data-seq="${last}"]`).waitFor();
      for (const line of await heard.locator('p[data-seq]').evaluateAll((all) => all.map((one) => `${one.dataset.seq} ${one.textContent}`))) {
        tell('line ' + line);
      }
      check('no error on the page: ' + page.problems, page.problems.length === 0);
    },

    /** The microphone's socket opens, and the gateway never says where to go on: once, then always. */
    async silent(browser) {
      const page = await open(browser);
      await countSpoken(page);
      let silent = 1;
      await page.routeWebSocket(/\/ws\/transcribe\//, (socket) => silent-- > 0 || socket.connectToServer());
      await page.clock.install();
      await page.goto(base + '/#/try');
      const start = page.getByRole('button', { name: 'Start the microphone' });
      const stop = async () => {
        await page.getByRole('button', { name: 'Stop' }).click();
        await page.getByRole('button', { name: 'Sending …' }).waitFor();
      };
      await start.click();
      await page.waitForFunction((bytes) => window.spokenBytes > bytes, Number(args[0]));
      await stop();
      await picture(page, 'try-microphone-silent');
      await page.clock.fastForward(10_000);
      const id = await transcriptId(page);
      tell(`spoken ${await page.evaluate(() => window.spokenAtStop)} ${id}`);
      const last = await goOn();
      await page.locator(`.heard p[data-seq="${last}"]`).waitFor();
      silent = Infinity;
      await start.click();
      await stop();
      await page.clock.fastForward(61_000);
      await page.getByRole('alert').getByText('lost for too long').waitFor();
      await start.waitFor();
      check('no error on the page: ' + page.problems, page.problems.length === 0);
    },

    /** A call of another node: its words, its quality, and orders for it. */
    async fleet(browser) {
      const page = await open(browser);
      const [id, node] = args;
      await page.goto(base + '/#/live');
      await page.getByText('at 2 nodes').waitFor();
      const card = page.locator('.card');
      await card.locator('.words p[data-seq]').first().waitFor();
      await card.locator('.quality .badge').first().waitFor();
      check('the card names the node', (await card.locator('.node').textContent()) === node);
      await everyWidth(page, 'live-fleet');
      await card.getByRole('button', { name: 'Mark', exact: true }).click();
      await card.getByText('Marked', { exact: true }).waitFor();
      await card.getByRole('button', { name: 'Pause' }).click();
      await card.getByText('Transcript paused').waitFor();
      await card.getByRole('button', { name: 'Resume' }).click();
      await card.getByText('Transcript paused').waitFor({ state: 'detached' });
      await card.getByRole('link').click();
      await page.locator('.page-head .badge.live').waitFor();
      await page.locator('.facts', { hasText: node }).waitFor();
      await page.locator('.row[data-seq="1"]').waitFor();
      await page.getByRole('button', { name: 'Hang up' }).waitFor();
      await everyWidth(page, 'session-fleet');
      tell('steered');
      await goOn();
      await page.getByRole('button', { name: 'Hang up' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click();
      await page.locator('.page-head .badge.quiet', { hasText: 'Ended' }).waitFor();
      await page.goto(base + '/#/live');
      // As where a node is cut off.
      await page.route('**/sessions?live=true**', async (route) => {
        const page_ = await (await route.fetch()).json();
        await route.fulfill({ json: { ...page_, nodes: page_.nodes.map((one) => ({ ...one, answered: one.self })) } });
      });
      await page.getByRole('alert').getByText(`${node} does not answer`).waitFor();
      await everyWidth(page, 'live-fleet-silent');
      check('no error on the page: ' + page.problems, page.problems.length === 0);
    },
  };
};
