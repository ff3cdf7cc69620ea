import { useEffect, useRef, useState } from "preact/hooks";
import { request } from "./api";
import { CallIt } from "./callit";
import { Microphone } from "./microphone";
import { sessionHref } from "./route";
import { TranscriptStream } from "./stream";
import { TestCall } from "./testcall";
import { type Hypothesis, hypothesis, OpenText } from "./transcript";
import type { Segment } from "./types";
import { Badge, Icon } from "./ui";

export function TryIt() {
  return (
    <section aria-labelledby="page">
      <header class="page-head">
        <h1 id="page">Try it</h1>
      </header>
      <div class="panels">
        <Speak />
        <DropFile />
        <Softphone />
        <TestCall />
      </div>
    </section>
  );
}

function Speak() {
  const [running, setRunning] = useState<Microphone>();
  const [starting, setStarting] = useState(false);
  const [stopping, setStopping] = useState(false);
  const [lost, setLost] = useState(false);
  const [finals, setFinals] = useState<Segment[]>([]);
  const [open, setOpen] = useState<Hypothesis>();
  const [session, setSession] = useState("");
  const [problem, setProblem] = useState("");
  const meter = useRef<HTMLDivElement>(null);
  const microphone = useRef<Microphone | undefined>(undefined);
  const words = useRef<TranscriptStream | undefined>(undefined);
  useEffect(
    () => () => {
      microphone.current?.stop();
      words.current?.close();
    },
    [],
  );

  const start = async () => {
    const id = `console-${crypto.randomUUID?.() ?? Date.now()}`;
    words.current?.close();
    setStarting(true);
    setStopping(false);
    setLost(false);
    setProblem("");
    setFinals([]);
    setOpen(undefined);
    try {
      let over = false;
      microphone.current = await Microphone.start(id, {
        onLevel: (peak) => meter.current?.style.setProperty("--level", String(Math.min(1, peak * 1.6))),
        onLine: setLost,
        onEnd: (reason) => {
          over = true;
          setRunning(undefined);
          setLost(false);
          setProblem(reason);
        },
      });
      // Read as everybody reads: what became a final while the line was lost comes, too.
      words.current = new TranscriptStream(
        id,
        1,
        {
          onFinal: (segment) => setFinals((before) => [...before, segment]),
          onPartial: (_, partial) => setOpen((before) => (partial?.text ? hypothesis(partial, before) : undefined)),
          onState: (state, detail) => {
            if (state === "ended" && over) {
              words.current?.close();
            } else if (state === "refused") {
              setProblem(detail);
            }
          },
        },
        true,
      );
      setSession(id);
      setRunning(microphone.current);
    } catch (failed) {
      setProblem(
        failed instanceof DOMException && failed.name === "NotAllowedError"
          ? "The browser does not let this page use the microphone. Allow it in the address bar and start again."
          : failed instanceof DOMException && failed.name === "NotFoundError"
            ? "This machine has no microphone."
            : failed instanceof Error
              ? failed.message
              : String(failed),
      );
    } finally {
      setStarting(false);
    }
  };
  const stop = () => {
    setStopping(true);
    running?.stop();
  };
  return (
    <article class="panel" aria-labelledby="speak">
      <h2 id="speak">
        <Icon name="mic" /> Speak
      </h2>
      <p class="muted">Your microphone as a phone would send it: 8 kHz, μ-law.</p>
      <div class="speak">
        {running ? (
          <button type="button" class="danger" disabled={stopping} onClick={stop}>
            <Icon name="stop" /> {stopping ? "Sending …" : "Stop"}
          </button>
        ) : (
          <button type="button" class="primary" disabled={starting} onClick={() => void start()}>
            <Icon name="mic" /> {starting ? "Starting …" : "Start the microphone"}
          </button>
        )}
        <div ref={meter} class={running ? "meter on" : "meter"} aria-hidden="true" />
      </div>
      <p class="line" role="status">
        {lost && (
          <>
            <Badge tone="warn">Reconnecting</Badge> What you say is kept and sent when the line is back.
          </>
        )}
      </p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="heard" role="log" aria-label="What was heard">
        {finals.length === 0 && !open && <p class="muted">{running ? "Listening …" : "What you say appears here."}</p>}
        {finals.map((segment) => (
          <p key={segment.seq} data-seq={segment.seq}>
            {segment.text}
          </p>
        ))}
        {open && (
          <p class="open">
            <OpenText open={open} />
          </p>
        )}
      </div>
      {session && !running && (
        <a href={sessionHref(session)}>Open the transcript</a>
      )}
    </article>
  );
}

interface FileEvent {
  status?: string;
  step?: string;
  progress?: number;
  message?: string;
  session_id?: string;
  error?: string;
  partial_result?: { transcript_chunk?: string };
  result?: { transcription?: string };
}

function DropFile() {
  const [name, setName] = useState("");
  const [progress, setProgress] = useState<number>();
  const [step, setStep] = useState("");
  const [text, setText] = useState("");
  const [session, setSession] = useState("");
  const [problem, setProblem] = useState("");
  const [over, setOver] = useState(false);
  const abort = useRef<AbortController | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const send = async (file: File) => {
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setName(file.name);
    setProgress(0);
    setStep("Sending");
    setText("");
    setProblem("");
    setSession("");
    const form = new FormData();
    form.set("audio", file);
    try {
      const response = await request("audio/process-stream-realtime", { method: "POST", body: form, signal: mine.signal });
      await events(response, (event) => {
        if (event.session_id) {
          setSession(event.session_id);
        }
        if (event.progress !== undefined) {
          setProgress(event.progress);
        }
        if (event.partial_result?.transcript_chunk) {
          const chunk = event.partial_result.transcript_chunk;
          setText((before) => (before ? `${before} ${chunk}` : chunk));
        }
        setStep(event.message ?? STEPS[event.step ?? ""] ?? "Working");
        if (event.step === "completed") {
          setText(event.result?.transcription ?? "");
          setProgress(undefined);
          setStep("Done");
        }
        if (event.error) {
          setProblem(event.error);
          setProgress(undefined);
        }
      });
    } catch (failed) {
      if (!mine.signal.aborted) {
        setProblem(failed instanceof Error ? failed.message : String(failed));
      }
    } finally {
      if (!mine.signal.aborted) {
        setProgress(undefined);
      }
    }
  };
  const choose = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) {
      void send(file);
    }
  };
  return (
    <article class="panel" aria-labelledby="file">
      <h2 id="file">
        <Icon name="file" /> Transcribe a file
      </h2>
      <p class="muted">WAV, MP3, M4A, Ogg, FLAC, WebM and what else FFmpeg reads.</p>
      <label
        class={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          choose(event.dataTransfer?.files);
        }}
      >
        <input
          ref={input}
          type="file"
          accept="audio/*,video/*"
          onChange={(event) => {
            choose(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
        <span>
          Drop a recording here, or <u>choose one</u>
        </span>
      </label>
      {name && (
        <div class="file-state">
          <strong>{name}</strong>
          <span class="muted" role="status">
            {step}
          </span>
          {progress !== undefined && <progress max={100} value={progress} aria-label={`Progress of ${name}`} />}
        </div>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {text && (
        <div class="heard" role="log" aria-label="Text of the file">
          <p>{text}</p>
        </div>
      )}
      {session && progress === undefined && !problem && <a href={sessionHref(session)}>Open the transcript</a>}
    </article>
  );
}

const STEPS: Record<string, string> = {
  transcription_partial: "Transcribing",
  translation_partial: "Translating",
  completed: "Done",
  failed: "Failed",
};

/** Server-sent events of a response to POST, which EventSource cannot make. Source: WHATWG HTML, server-sent events. */
async function events(response: Response, take: (event: FileEvent) => void) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) {
      return;
    }
    const lines = (rest + chunk.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) {
        take(JSON.parse(line.slice("data:".length)) as FileEvent);
      }
    }
  }
}

function Softphone() {
  return (
    <article class="panel" aria-labelledby="softphone">
      <h2 id="softphone">
        <Icon name="phone" /> Call it
      </h2>
      <CallIt />
      <p>
        A PBX or a trunk: see <code>docs/connect-a-pbx.md</code>. A program: see the <a href="docs">API reference</a>.
      </p>
    </article>
  );
}
