// node socketio-load.mjs URL RAMP_MS CHUNK_BYTES FILE…: one client per file of PCM, a JSON line per client at its end.
import { readFileSync } from "node:fs";
import { io } from "socket.io-client";

const [url, rampMs, chunkBytes, ...files] = process.argv.slice(2);
const giveUpMs = 55000;

function client(number, audio) {
  return new Promise((resolve) => {
    const acksMs = [];
    const fileMs = [];
    const errors = [];
    const words = [];
    const sent = [];
    let stopped = 0;
    let ended = false;
    const socket = io(url + "/streaming", {
      auth: { sample_rate: 8000, format: "pcm" },
      forceNew: true,
    });
    const end = () => {
      if (ended) return;
      ended = true;
      clearTimeout(patience);
      const transport = socket.io.engine?.transport?.name;
      if (sent.length) errors.push("acknowledgement missing");
      if (!fileMs.length) errors.push("no result_file_path");
      socket.disconnect();
      console.log(JSON.stringify({ number, acksMs, fileMs, errors, transport, words: words.join(" ") }));
      resolve();
    };
    const patience = setTimeout(() => {
      errors.push("gave up");
      end();
    }, giveUpMs);
    let at = 0;
    let due = 0;
    const send = () => {
      if (ended) return;
      if (at >= audio.length) {
        stopped = performance.now();
        socket.emit("stop_recording");
        return;
      }
      sent.push(performance.now());
      socket.emit("audio_chunk", { chunk: audio.subarray(at, at + Number(chunkBytes)) });
      at += Number(chunkBytes);
      due += 100;
      setTimeout(send, Math.max(0, due - performance.now()));
    };
    socket.on("response", ({ message }) => {
      if (message === "Connected to server") {
        due = performance.now() + 100;
        setTimeout(send, 100);
      } else acksMs.push(performance.now() - sent.shift());
    });
    socket.on("transcript", (event) => {
      if (event.type === "final") words.push(event.text);
    });
    socket.on("result_file_path", () => {
      fileMs.push(performance.now() - stopped);
      end();
    });
    socket.on("error", (error) => {
      errors.push(error.error ?? JSON.stringify(error));
      end();
    });
    socket.on("connect_error", (error) => {
      errors.push("connect_error " + error.message);
      end();
    });
    socket.on("disconnect", (reason) => {
      if (!ended) {
        errors.push("disconnect " + reason);
        end();
      }
    });
  });
}

await Promise.all(
  files.map(async (file, number) => {
    const audio = readFileSync(file);
    await new Promise((begin) => setTimeout(begin, (number * Number(rampMs)) / files.length));
    await client(number, audio);
  }),
);
process.exit(0);
