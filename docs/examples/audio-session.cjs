// Records a file, one chunk per answer: node audio-session.cjs URI FILE
const { readFileSync } = require("node:fs");
// Node from 22 on has a WebSocket of its own, as browsers have.
const Socket = globalThis.WebSocket ?? require("ws");

const [uri, file] = process.argv.slice(2);
const audio = readFileSync(file);
const CHUNK_BYTES = 8192;
const gateway = new Socket(uri);
let at = 0;
let session;

const sendNext = () => {
  const chunk = audio.subarray(at, at + CHUNK_BYTES);
  gateway.send(new Uint8Array(chunk));
  at += chunk.length;
};

gateway.onopen = sendNext;
gateway.onmessage = ({ data }) => {
  const { session_id, status, chunk_count } = JSON.parse(data);
  if (!session) {
    session = session_id;
    console.log("session", session);
  }
  console.log(status, chunk_count);
  if (status !== "active") return;
  if (at < audio.length) sendNext();
  else gateway.send(JSON.stringify({ type: "control", action: "close_session" }));
};
gateway.onclose = ({ code }) => console.log("closed", code);
