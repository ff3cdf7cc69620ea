// Streams a headerless G.711 file as fast as it is spoken, through broken connections, and prints the answers.
//
//     npm install ws
//     node docs/examples/stream.cjs ws://127.0.0.1:8000/ws/transcribe/my-session test-calls/recorded/card-slt.ulaw
//
// The gateway detects whether the file is mu-law or A-law. With an API key: LINESCRIBE_KEY=... in the environment.
const { readFileSync } = require("node:fs");
const WebSocket = require("ws");

const FRAME_BYTES = 160; // 20 ms at 8 kHz, one byte a sample
const REFUSED = [1008, 1009, 4001, 4009]; // to come again would not help
const [uri, file] = process.argv.slice(2);
const key = process.env.LINESCRIBE_KEY;
const headers = key ? { Authorization: `Bearer ${key}` } : {};
const audio = readFileSync(file);
let startedMs;
let position = 0;

function connect() {
  const gateway = new WebSocket(uri, { headers, perMessageDeflate: false });
  let timer;

  // What was spoken while the connection was broken is sent at once.
  function send() {
    for (; position < audio.length && position / 8 <= Date.now() - startedMs; position += FRAME_BYTES) {
      gateway.send(audio.subarray(position, position + FRAME_BYTES));
    }
    // The last utterance becomes a final 2 s after the last audio (flush-after).
    timer = position < audio.length ? setTimeout(send, 20) : setTimeout(() => gateway.close(1000), 3000);
  }

  gateway.on("open", () => {
    startedMs ??= Date.now();
    send();
  });
  gateway.on("message", (text) => {
    const message = JSON.parse(text);
    console.log(message.seq, message.type, message.text);
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
    } else if (position < audio.length) {
      setTimeout(connect, 1000);
    }
  });
}

connect();
