// Streams raw mu-law audio by @deepgram/sdk, then sends a file: node deepgram.cjs HOST:PORT AUDIO.ulaw FILE.wav [PARAMETER=VALUE …]
// Only the addresses differ from a program that uses Deepgram itself. Prints each message as JSON.
const fs = require("fs");
const { DeepgramClient } = require("@deepgram/sdk");

const [server, audio, file, ...more] = process.argv.slice(2);
const client = new DeepgramClient({
  apiKey: "unused-on-loopback",
  environment: { base: `http://${server}`, production: `ws://${server}`, agent: `ws://${server}`, agentRest: `http://${server}` },
});

async function live() {
  const connection = await client.listen.v1.connect({
    model: "nova-3", encoding: "mulaw", sample_rate: 8000, interim_results: "true", reconnectAttempts: 0,
    queryParams: Object.fromEntries(more.map((parameter) => parameter.split("="))),
  });
  const closed = new Promise((resolve) => connection.on("close", resolve));
  connection.on("message", (message) => console.log(JSON.stringify(message)));
  connection.on("error", (error) => console.log("error", error.message));
  connection.connect();
  await connection.waitForOpen();
  const bytes = fs.readFileSync(audio);
  try {
    for (let at = 0; at < bytes.length; at += 1600) {
      connection.sendMedia(bytes.subarray(at, at + 1600));
    }
    connection.sendCloseStream({ type: "CloseStream" });
  } catch (refused) {
    console.log("closed", refused.message);
  }
  await closed;
}

async function prerecorded() {
  // Not a stream: the SDK repeats a request that found the server busy, and a stream can be read only once.
  const answer = await client.listen.v1.media.transcribeFile(fs.readFileSync(file), { model: "nova-3" });
  console.log(JSON.stringify(answer));
}

live().then(prerecorded).then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
