// What vosk-server's client for Node does: node vosk.cjs ws://HOST:PORT/vosk FILE.wav. Prints every answer on a line.
const fs = require("fs");
const WebSocket = require("ws");

const [uri, path] = process.argv.slice(2);
const server = new WebSocket(uri);
server.on("open", () => {
  const audio = fs.createReadStream(path);
  audio.on("data", (chunk) => server.send(chunk));
  audio.on("end", () => server.send('{"eof" : 1}'));
});
server.on("message", (answer) => console.log(JSON.stringify(JSON.parse(answer))));
server.on("close", (code) => process.exit(code === 1000 ? 0 : 1));
