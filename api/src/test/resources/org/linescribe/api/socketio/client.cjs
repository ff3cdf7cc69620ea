// The document's client, driven by a plan: node client.cjs MODULES PLAN. Prints one JSON line for all that happens.
const plan = JSON.parse(process.argv[3]);
const { io } = require(process.argv[2] + "/socket.io-client");
const print = (what) => console.log(JSON.stringify(what));
const audio = plan.file ? require("node:fs").readFileSync(plan.file) : Buffer.alloc(0);
const chunks = [];
for (let at = 0; at < audio.length; at += plan.chunkBytes) {
  chunks.push(audio.subarray(at, at + plan.chunkBytes));
}
const socket = io(plan.url + "/streaming", plan.options);
let first = "";
let upgraded;
const upgrade = new Promise((resolve) => (upgraded = resolve));
socket.io.on("open", () => {
  first = first || socket.io.engine.transport.name;
  socket.io.engine.on("upgrade", (transport) => {
    print({ upgrade: transport.name });
    upgraded();
  });
});
let acknowledged = 0;
let connects = 0;
const act = {
  stop: () => socket.emit("stop_recording"),
  disconnect: () => socket.disconnect(),
  vanish: () => process.exit(0),
  reconnect: () => socket.io.engine.close(),
  wait: () => {},
};
const send = () => {
  const next = chunks.shift();
  if (next) {
    socket.emit("audio_chunk", plan.bare ? next : { chunk: next });
    plan.paceMs ? setTimeout(send, plan.paceMs) : send();
  }
};
socket.on("connect", () => {
  connects++;
  print({ connect: socket.id, first });
});
socket.on("disconnect", (reason) => {
  print({ disconnect: reason });
  if (!socket.active || plan.then === "disconnect") setTimeout(() => process.exit(0), 50);
});
socket.on("connect_error", (error) => {
  print({ connect_error: error.message, data: error.data });
  if (!socket.active) process.exit(0);
});
socket.onAny((event, ...args) => {
  print({ event, args });
  const total = Math.ceil(audio.length / plan.chunkBytes);
  if (event === "response" && args[0].message === "Connected to server") {
    if (connects === 1) {
      if (plan.sendAfterUpgrade) upgrade.then(send);
      else send();
      if (total === 0) act[plan.then]();
    } else act[plan.finally ?? "stop"]();
  }
  if (event === "response" && args[0].message === "received chunk" && ++acknowledged === total) {
    (plan.awaitUpgrade ? upgrade : Promise.resolve()).then(act[plan.then]);
  }
  if (event === "result_file_path" || (event === "error" && plan.then === "stop")) {
    socket.disconnect();
  }
});
setTimeout(() => {
  print({ timeout: true });
  process.exit(1);
}, 120000);
