// Streams a file of G.711 at the pace of speech and ends after so many words: node transcribe.cjs URI FILE WORDS
const { readFileSync } = require("node:fs");
const WebSocket = require("ws");

const [uri, file, words] = process.argv.slice(2);
const audio = readFileSync(file);
const FRAME_BYTES = 160; // 20 ms
const gateway = new WebSocket(uri);

gateway.onopen = () => {
  console.log("open");
  let at = 0;
  const pace = setInterval(() => {
    gateway.send(audio.subarray(at, at + FRAME_BYTES));
    at += FRAME_BYTES;
    if (at >= audio.length) {
      clearInterval(pace);
      setTimeout(() => gateway.close(), 60_000);
    }
  }, 20);
};

let recognised = 0;
gateway.onmessage = ({ data }) => {
  const { type, seq, text } = JSON.parse(data);
  console.log(`${type} ${seq} ${text}`);
  if (type === "final") recognised += text.split(" ").length;
  if (recognised >= Number(words)) gateway.close();
};

gateway.onclose = () => {
  console.log("closed");
  setImmediate(() => process.exit());
};
