import { useRef, useState } from "preact/hooks";
import { ApiError, get, request } from "./api";
import { Badge, Dialog, Icon } from "./ui";

export interface LegQuality {
  leg: string;
  codec: string;
  loss_percent: number;
  jitter_ms: number;
  mos: number;
  backlog_ms: number;
  received_packets: number;
  /** How it was over time; of one call only, not in lists. */
  samples?: Sample[];
}

export interface Sample {
  /** From the call's start. */
  at_ms: number;
  mos: number;
  loss_percent: number;
  jitter_ms: number;
}

/** A call as /calls shows it; only a call that goes on can be paused, recorded and hung up. */
export interface Call {
  session_id: string;
  kind: string;
  trunk?: string;
  started_at: string;
  state: string;
  outcome?: string;
  paused?: boolean;
  recording?: "off" | "on" | "paused";
  legs: LegQuality[];
}

/** The calls of all nodes by their sessions' ids; undefined where the key may not see calls. */
export async function openCalls(signal: AbortSignal): Promise<Map<string, Call> | undefined> {
  try {
    const { calls } = await get<{ calls: Call[] }>("calls?all_nodes=true", signal);
    return new Map(calls.map((call) => [call.session_id, call]));
  } catch (failed) {
    if (failed instanceof ApiError && failed.status === 403) {
      return undefined;
    }
    throw failed;
  }
}

/** The call of a session, open or ended; undefined where it has none, or the key may not see it. */
export async function callOf(sessionId: string, signal: AbortSignal): Promise<Call | undefined> {
  try {
    return await get<Call>(`calls/${encodeURIComponent(sessionId)}`, signal);
  } catch (failed) {
    if (failed instanceof ApiError && (failed.status === 403 || failed.status === 404)) {
      return undefined;
    }
    throw failed;
  }
}

/** As listeners judge calls (ITU-T G.107): satisfied from 4.0, many dissatisfied below 3.6. */
function tone(mos: number): "good" | "warn" | "bad" {
  return mos >= 4 ? "good" : mos >= 3.6 ? "warn" : "bad";
}

export function Quality({ legs, ended }: { legs: LegQuality[]; ended?: boolean }) {
  const heard = legs.filter((leg) => leg.received_packets > 0);
  if (heard.length === 0) {
    return null;
  }
  return (
    <ul class="quality" aria-label="Quality">
      {heard.map((leg) => (
        <li key={leg.leg}>
          {legs.length > 1 && <span class="who">{leg.leg}</span>}
          <Badge tone={tone(leg.mos)}>MOS {leg.mos.toFixed(1)}</Badge>
          <span>Loss {leg.loss_percent.toFixed(leg.loss_percent < 10 ? 1 : 0)} %</span>
          <span>Jitter {Math.round(leg.jitter_ms)} ms</span>
          {!ended && <span>Lag {leg.backlog_ms < 1000 ? `${leg.backlog_ms} ms` : `${(leg.backlog_ms / 1000).toFixed(1)} s`}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Pause, record, mark, hang up. What was asked for shows when the next poll brings it. */
export function CallControls({ call, name }: { call: Call; name: string }) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState("");
  const busy = useRef(false);
  const [told, setTold] = useState("");
  const order = async (what: string, done = "") => {
    if (busy.current) {
      return;
    }
    busy.current = true;
    setProblem("");
    setTold("");
    try {
      await request(`calls/${encodeURIComponent(call.session_id)}/${what}`, { method: "POST" });
      setTold(done);
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    } finally {
      busy.current = false;
    }
  };
  const recording = call.recording ?? "off";
  return (
    <>
      <div class="controls" role="group" aria-label={`Controls of ${name}`}>
        <span class="state" role="status">
          {call.paused && <Badge tone="warn">Transcript paused</Badge>}
          {recording === "on" && <Badge tone="bad">Recording</Badge>}
          {recording === "paused" && <Badge tone="warn">Recording paused</Badge>}
        </span>
        <button type="button" onClick={() => void order(call.paused ? "resume" : "pause")}>
          <Icon name={call.paused ? "play" : "pause"} /> {call.paused ? "Resume" : "Pause"}
        </button>
        <button type="button" onClick={() => void order(recording === "on" ? "recording/stop" : "recording/start")}>
          <Icon name={recording === "on" ? "stop" : "record"} /> {recording === "on" ? "Stop recording" : "Record"}
        </button>
        <button type="button" onClick={() => void order("mark", "Marked")}>
          <Icon name="flag" /> Mark
        </button>
        <span class="muted" role="status">
          {told}
        </span>
        <button type="button" class="danger" onClick={() => setAsked(true)}>
          <Icon name="hangup" /> Hang up
        </button>
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {asked && (
        <Dialog
          title="Hang up this call?"
          action="Hang up"
          onClose={(confirmed) => {
            setAsked(false);
            if (confirmed) {
              void order("hangup");
            }
          }}
        >
          <p>
            {name}: {call.kind === "siprec" ? "the recording session ends, the parties go on talking." : "the caller is cut off."} What was said stays
            in the transcript.
          </p>
        </Dialog>
      )}
    </>
  );
}
