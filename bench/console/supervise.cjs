// A supervisor's page while calls go on: node supervise.cjs BASE SECONDS [KEY]
// Opens the console's Live page in Chromium and prints, as one line of JSON, what the page cost: cards shown at once, frames over 100 ms,
// the longest, and the browser's JavaScript heap at the end of each tenth of the time. Exit status 1 where a frame took longer than 100 ms
// or the heap passed 150 MB. NODE_PATH names the folder with playwright-core, CHROMIUM the browser.
const { chromium } = require('playwright-core');
const { readFileSync, readdirSync } = require('node:fs');

const [base, seconds, key] = process.argv.slice(2);
const FRAME_MS = 100;
const HEAP_MB = 150;
const ROUNDS = 10;

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--enable-precise-memory-info'],
  });
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  if (key) await context.addInitScript((given) => sessionStorage.setItem('linescribe.key', given), key);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(base + '/#/live');
  await page.locator('.card').first().waitFor({ timeout: 120_000 });
  await page.evaluate((longMs) => {
    window.frames_ = { count: 0, long: [], longest: 0 };
    window.tasks_ = [];
    let last = performance.now();
    const frame = (now) => {
      const took = now - last;
      last = now;
      window.frames_.count++;
      window.frames_.longest = Math.max(window.frames_.longest, took);
      if (took > longMs) window.frames_.long.push(Math.round(took));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    // A frame may be late because the machine is busy; a long task is the page's own.
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) if (task.duration > longMs) window.tasks_.push(Math.round(task.duration));
    }).observe({ type: 'longtask' });
  }, FRAME_MS);
  const devtools = await context.newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  const heapsMb = [];
  let cards = 0;
  let words = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await page.waitForTimeout((seconds * 1000) / ROUNDS);
    heapsMb.push(Math.round(await page.evaluate(() => performance.memory.usedJSHeapSize / 1e5)) / 10);
    cards = Math.max(cards, await page.locator('.card:not(.over)').count());
    words = Math.max(words, await page.locator('.card .words p:not(.muted)').count());
    // Every card is read in turn, as a supervisor would.
    await page.evaluate((share) => window.scrollTo(0, share * document.documentElement.scrollHeight), (round % 5) / 5);
  }
  const { frames, tasks } = await page.evaluate(() => ({ frames: window.frames_, tasks: window.tasks_ }));
  await devtools.send('HeapProfiler.collectGarbage');
  const keptMb = Math.round(await page.evaluate(() => performance.memory.usedJSHeapSize / 1e5)) / 10;
  // Beside the heap: what the machine gives to the browser's processes.
  const residentMb = () => {
    const kinds = {};
    const descendants = new Set([process.pid]);
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
    for (const id of ids) {
      try {
        const status = readFileSync(`/proc/${id}/status`, 'utf8');
        if (!descendants.has(Number(/^PPid:\s+(\d+)/m.exec(status)[1]))) continue;
        descendants.add(id);
        const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
        const kind = /--type=([\w-]+)/.exec(command)?.[1] ?? 'browser';
        kinds[kind] = (kinds[kind] ?? 0) + Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
      } catch {
        // It has ended.
      }
    }
    return Object.fromEntries(Object.entries(kinds).map(([kind, mb]) => [kind, Math.round(mb)]));
  };
  const result = {
    seconds: Number(seconds),
    cards,
    lines: words,
    frames: frames.count,
    frames_over_100_ms: frames.long.length,
    longest_frame_ms: Math.round(frames.longest),
    long_tasks_over_100_ms: tasks.length,
    longest_task_ms: Math.max(0, ...tasks),
    heap_mb: heapsMb,
    heap_after_collection_mb: keptMb,
    resident_mb: residentMb(),
    errors,
  };
  console.log(JSON.stringify(result));
  await browser.close();
  process.exit(frames.long.length > 0 || Math.max(...heapsMb) > HEAP_MB || errors.length > 0 ? 1 : 0);
})();
