// Streams a headerless mu-law file as fast as it is spoken, and prints the answers. A connection that breaks loses nothing.
//
//     npm install ws
//     node docs/examples/stream.cjs ws://127.0.0.1:8000/ws/transcribe/my-session test-calls/recorded/card-slt.ulaw
//
// With an API key: LINESCRIBE_KEY=... in the environment.
const { readFileSync } = require("node:fs");
const WebSocket = require("ws");

const FRAME_BYTES = 160; // 20 ms at 8 kHz, one byte a sample
const REFUSED = [1008, 1009, 4001, 4009]; // to come again would not help
const [uri, file] = process.argv.slice(2);
const key = process.env.LINESCRIBE_KEY;
const headers = key ? { Authorization: `Bearer ${key}` } : {};
const audio = readFileSync(file);
const startedMs = Date.now();
let sent = 0;

function connect() {
  // All of the file can be sent again. Of live audio keep the last minute, and name its first byte instead of 0.
  const gateway = new WebSocket(`${uri}?codec=pcmu&audio_from=0&audio_sent=${sent}`, { headers, perMessageDeflate: false });
  let position;
  let timer;
  let complete = false;

  // What was spoken while the connection was broken is sent at once.
  function send() {
    while (position < audio.length && position / 8 <= Date.now() - startedMs) {
      gateway.send(audio.subarray(position, position + FRAME_BYTES));
      position = Math.min(position + FRAME_BYTES, audio.length);
      sent = Math.max(sent, position);
    }
    // The last utterance becomes a final 2 s after the last audio (flush-after).
    timer = position < audio.length ? setTimeout(send, 20) : setTimeout(end, 3000);
  }

  function end() {
    complete = true;
    gateway.close(1000);
  }

  gateway.on("message", (text) => {
    const message = JSON.parse(text);
    if (position === undefined) {
      // The first message tells which byte the gateway wants next.
      position = message.audio_from ?? sent;
      send();
    } else {
      console.log(message.seq, message.type, message.text);
    }
  });
  gateway.on("unexpected-response", (_, answer) => {
    console.error(`refused: ${answer.statusCode}`);
    process.exit(1);
  });
  gateway.on("error", (broken) => console.error(`connecting again: ${broken.message}`));
  gateway.on("close", (code, reason) => {
    clearTimeout(timer);
    if (REFUSED.includes(code)) {
      console.error(`refused: ${code} ${reason}`);
      process.exitCode = 1;
    } else if (!complete) {
      setTimeout(connect, 1000);
    }
  });
}

connect();
