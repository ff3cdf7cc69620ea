// A supervisor's page while calls go on: node supervise.cjs BASE SECONDS [KEY]
// Opens the console's Live page in Chromium and prints, as one line of JSON, what the page cost: cards shown at once, frames over 100 ms,
// the longest, what the page's thread worked, the JavaScript heap at the end of each tenth of the time, and the memory of the browser's processes as Linux counts it.
// Exit status 1 where a frame took longer than 100 ms, or the heap or the page's own process passed 150 MB. CHROMIUM names the browser.
//
// Speaks the DevTools protocol itself: a test library also watches the network, and the browser then keeps what every stream brought.
const { spawn } = require('node:child_process');
const { mkdtempSync, readFileSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const [base, seconds, key] = process.argv.slice(2);
const FRAME_MS = 100;
const MOST_MB = 150;
const ROUNDS = 10;
const START_MS = 120_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, attempt) {
  for (const end = Date.now() + START_MS; Date.now() < end; await pause(100)) {
    const found = await attempt();
    if (found) return found;
  }
  throw new Error(`${what}: not within ${START_MS / 1000} s`);
}

/** A page of the browser, by its DevTools pipe. */
async function open(browser) {
  const waiting = new Map();
  const errors = [];
  let last = 0;
  let session;
  let rest = '';
  browser.stdio[4].setEncoding('utf8').on('data', (data) => {
    const messages = (rest + data).split('\0');
    rest = messages.pop();
    for (const message of messages.map((text) => JSON.parse(text))) {
      if (message.method === 'Runtime.exceptionThrown') {
        errors.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
      }
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    }
  });
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, ({ error, result }) => (error ? reject(new Error(error.message)) : resolve(result)));
      browser.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId: session }) + '\0');
    });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return { send, evaluate, errors };
}

/** MB of the browser's processes by kind: resident; their share of what they share; what they alone have. */
function memory(root) {
  const kinds = {};
  const descendants = new Set([root]);
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
  for (const id of ids) {
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]);
      if (id !== root && !descendants.has(parent)) continue;
      descendants.add(id);
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      const kind = /--type=([\w-]+)/.exec(command)?.[1] ?? 'browser';
      const rollup = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
      const mb = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
      const sum = (kinds[kind] ??= { resident: 0, share: 0, own: 0 });
      sum.resident += mb('Rss');
      sum.share += mb('Pss');
      sum.own += mb('Private_Clean') + mb('Private_Dirty');
    } catch {
      // It has ended.
    }
  }
  for (const sum of Object.values(kinds)) for (const name of Object.keys(sum)) sum[name] = Math.round(sum[name]);
  return kinds;
}

(async () => {
  const profile = mkdtempSync(join(tmpdir(), 'supervise-'));
  const browser = spawn(
    process.env.CHROMIUM ?? '/usr/bin/chromium',
    ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--enable-precise-memory-info', '--no-first-run']
      .concat(['--window-size=1600,1000', '--no-startup-window', '--remote-debugging-pipe', `--user-data-dir=${profile}`]),
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  try {
    const { send, evaluate, errors } = await open(browser);
    await send('Runtime.enable');
    await send('Page.enable');
    await send('Performance.enable');
    if (key) {
      const source = `sessionStorage.setItem('linescribe.key', ${JSON.stringify(key)})`;
      await send('Page.addScriptToEvaluateOnNewDocument', { source });
    }
    await send('Page.navigate', { url: base + '/#/live' });
    await until('a card', () => evaluate(`document.querySelector('.card') !== null`));
    const before = memory(browser.pid);
    await evaluate(`(() => {
      window.frames_ = { count: 0, long: [], longest: 0 };
      window.tasks_ = [];
      let last = performance.now();
      const frame = (now) => {
        const took = now - last;
        last = now;
        window.frames_.count++;
        window.frames_.longest = Math.max(window.frames_.longest, took);
        if (took > ${FRAME_MS}) window.frames_.long.push(Math.round(took));
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      // A frame may be late because the machine is busy; a long task is the page's own.
      new PerformanceObserver((list) => {
        for (const task of list.getEntries()) if (task.duration > ${FRAME_MS}) window.tasks_.push(Math.round(task.duration));
      }).observe({ type: 'longtask' });
    })()`);
    const heapsMb = [];
    const ownMb = [];
    let cards = 0;
    let words = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await pause((seconds * 1000) / ROUNDS);
      heapsMb.push(await evaluate(`Math.round(performance.memory.usedJSHeapSize / 1e5) / 10`));
      ownMb.push(memory(browser.pid).renderer?.own);
      cards = Math.max(cards, await evaluate(`document.querySelectorAll('.card:not(.over)').length`));
      words = Math.max(words, await evaluate(`document.querySelectorAll('.card .words p:not(.muted)').length`));
      // Every card is read in turn, as a supervisor would.
      await evaluate(`window.scrollTo(0, ${(round % 5) / 5} * document.documentElement.scrollHeight)`);
    }
    const frames = await evaluate('window.frames_');
    const tasks = await evaluate('window.tasks_');
    const { metrics } = await send('Performance.getMetrics');
    const workS = (name) => Math.round(10 * metrics.find((metric) => metric.name === name).value) / 10;
    await send('HeapProfiler.enable');
    await send('HeapProfiler.collectGarbage');
    const result = {
      seconds: Number(seconds),
      cards,
      lines: words,
      frames: frames.count,
      frames_over_100_ms: frames.long.length,
      longest_frame_ms: Math.round(frames.longest),
      long_tasks_over_100_ms: tasks.length,
      longest_task_ms: Math.max(0, ...tasks),
      page_work_s: { all: workS('TaskDuration'), script: workS('ScriptDuration'), style: workS('RecalcStyleDuration'), layout: workS('LayoutDuration') },
      heap_mb: heapsMb,
      heap_after_collection_mb: await evaluate(`Math.round(performance.memory.usedJSHeapSize / 1e5) / 10`),
      renderer_own_mb: ownMb,
      memory_mb_at_first_card: before,
      memory_mb: memory(browser.pid),
      errors,
    };
    console.log(JSON.stringify(result));
    const passed = frames.long.length === 0 && Math.max(...heapsMb, ...ownMb) <= MOST_MB && errors.length === 0;
    process.exitCode = passed ? 0 : 1;
  } finally {
    browser.kill();
    await new Promise((resolve) => (browser.exitCode === null && browser.signalCode === null ? browser.once('exit', resolve) : resolve()));
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
})().then(
  () => process.exit(),
  (failure) => {
    console.error(failure);
    process.exit(2);
  },
);
