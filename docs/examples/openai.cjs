// The openai package for Node: node openai.cjs HOST:PORT FILE.wav AUDIO.ulaw. A file's transcript, then a transcription session.
const fs = require("fs");
const https = require("https");
const net = require("net");
const OpenAI = require("openai");
const { OpenAIRealtimeWS } = require("openai/realtime/ws");

const [server, file, audio] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `http://${server}/v1`, apiKey: "unused-on-loopback", maxRetries: 0 });

// The package asks for wss. Where no proxy ends TLS in front of the gateway, this agent leaves TLS out.
class WithoutTls extends https.Agent {
  createConnection(options) {
    return net.connect(options.port, options.host);
  }
}

async function session() {
  const realtime = new OpenAIRealtimeWS({ model: "gpt-4o-transcribe", options: { agent: new WithoutTls() } }, client);
  const done = new Promise((resolve) => realtime.on("conversation.item.input_audio_transcription.completed", resolve));
  realtime.on("event", (event) => console.log(JSON.stringify(event)));
  realtime.on("error", (error) => console.log("error", error.message));
  await new Promise((resolve) => realtime.socket.on("open", resolve));
  realtime.send({
    type: "session.update",
    session: { type: "transcription", audio: { input: { format: { type: "audio/pcmu" }, turn_detection: null } } },
  });
  realtime.send({ type: "input_audio_buffer.clear" }); // refused, as audio is transcribed while it comes
  const bytes = fs.readFileSync(audio);
  for (let at = 0; at < bytes.length; at += 1600) {
    realtime.send({ type: "input_audio_buffer.append", audio: bytes.subarray(at, at + 1600).toString("base64") });
  }
  realtime.send({ type: "input_audio_buffer.commit" });
  await done;
  realtime.close();
}

async function main() {
  const answer = await client.audio.transcriptions.create({ file: fs.createReadStream(file), model: "whisper-1" });
  console.log(JSON.stringify(answer));
  await session();
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
