// A browser phones the gateway: node browser-call.cjs PAGE WSS TARGET WAV SECONDS
// PAGE is the URL of any page (its origin must be allowed), WAV what the microphone hears, over and over.
const { chromium } = require('playwright-core');
const { build } = require('esbuild');

const [page, wss, target, wav, seconds] = process.argv.slice(2);

async function bundledJsSip() {
  const contents = "import * as JsSIP from 'jssip'; window.JsSIP = JsSIP;";
  const built = await build({
    stdin: { contents, resolveDir: process.env.NODE_PATH + '/..' },
    bundle: true, write: false, format: 'iife', define: { global: 'window' },
  });
  return built.outputFiles[0].text;
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      '--no-sandbox', '--ignore-certificate-errors', '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream', '--use-file-for-fake-audio-capture=' + wav,
    ],
  });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['microphone'] });
    const tab = await context.newPage();
    tab.on('console', (message) => process.stdout.write('page: ' + message.text() + '\n'));
    await tab.goto(page);
    await tab.addScriptTag({ content: await bundledJsSip() });
    const stats = await tab.evaluate(({ wss, target, seconds }) => new Promise((resolve, reject) => {
      const { JsSIP } = window;
      const ua = new JsSIP.UA({
        sockets: [new JsSIP.WebSocketInterface(wss)], uri: 'sip:browser@' + new URL(wss).host, register: false,
      });
      let session;
      ua.on('connected', () => {
        session = ua.call(target, {
          mediaConstraints: {
            audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: false,
          },
        });
        session.on('failed', (e) => reject(new Error('failed: ' + e.cause + ' ' + (e.message && e.message.status_code))));
        session.on('confirmed', () => setTimeout(async () => {
          const told = [...(await session.connection.getStats()).values()];
          const heard = told.find((s) => s.type === 'inbound-rtp');
          session.once('ended', () => resolve({
            ice: session.connection.iceConnectionState, received: heard ? heard.packetsReceived : 0,
          }));
          session.terminate();
        }, seconds * 1000));
      });
      ua.start();
    }), { wss, target, seconds: Number(seconds) });
    process.stdout.write(`received ${stats.received}\n`);
  } finally {
    await browser.close();
  }
}

main().then(() => process.stdout.write('done\n'), (error) => {
  process.stdout.write(String(error.stack) + '\n');
  process.exitCode = 1;
});
