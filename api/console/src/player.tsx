import type { RefObject } from "preact";
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, get, request, resourceUrl } from "./api";
import { save } from "./export";
import { duration, time } from "./format";
import { legClass } from "./transcript";
import type { Segment, Session } from "./types";
import { Icon } from "./ui";
import { type Waveform, waveform } from "./waveform";

export interface Recording {
  recording_id: string;
  started_at: string;
  bytes: number;
}

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const SETTLED_AFTER_MS = 3000;
/** The page asks for another key, or shows no recordings. */
const REFUSALS = [401, 403];
const TICK_MS = 100;

/** The recordings of a session that has ended: none while it goes on, and where the key may not hear them. */
export interface Recordings {
  list: Recording[];
  /** Whether the gateway has told them. */
  known: boolean;
  /** Why they cannot be listed, where they cannot. */
  failure: unknown;
  again: () => void;
}

export function useRecordings(session: Session | undefined): Recordings {
  const [recordings, setRecordings] = useState<Recording[]>([]);
  const [known, setKnown] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [round, setRound] = useState(0);
  const id = session?.session_id;
  const ended = session !== undefined && !session.live;
  useEffect(() => {
    setFailure(undefined);
    if (!id || !ended) {
      setRecordings([]);
      setKnown(false);
      return undefined;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A file's last second may be written after the session's end.
    const read = async (before: string) => {
      try {
        const found = await get<{ recordings: Recording[] }>(`recordings?session_id=${encodeURIComponent(id)}`, abort.signal);
        setKnown(true);
        setFailure(undefined);
        const now = JSON.stringify(found.recordings.map((one) => [one.recording_id, one.bytes]));
        if (now !== before) {
          setRecordings(found.recordings);
          timer = setTimeout(() => void read(now), SETTLED_AFTER_MS);
        }
      } catch (failed) {
        if (abort.signal.aborted || (failed instanceof ApiError && REFUSALS.includes(failed.status))) {
          return;
        }
        setFailure(failed);
        timer = setTimeout(() => void read(before), SETTLED_AFTER_MS);
      }
    };
    void read("");
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id, ended, round]);
  return { list: recordings, known, failure, again: () => setRound(round + 1) };
}

export interface PlayerHandle {
  playFrom(ms: number): void;
}

/** Plays a recording, drawn with who spoke when; tells where it is ten times a second while it plays. */
export function Player({
  handle,
  session,
  segments,
  recordings,
  onTime,
}: {
  handle: RefObject<PlayerHandle | null>;
  session: Session;
  segments: Segment[];
  recordings: Recording[];
  onTime: (ms: number | undefined) => void;
}) {
  const [chosen, setChosen] = useState(recordings[0]?.recording_id);
  const recording = recordings.find((one) => one.recording_id === chosen) ?? recordings[0];
  const [shape, setShape] = useState<Waveform>();
  const [problem, setProblem] = useState("");
  const [playing, setPlaying] = useState(false);
  const [saving, setSaving] = useState(false);
  const [nowMs, setNowMs] = useState(0);
  const audio = useRef<HTMLAudioElement>(null);
  const path = recording && `recordings/${encodeURIComponent(recording.recording_id)}`;

  useEffect(() => {
    setShape(undefined);
    setProblem("");
    if (!path) {
      return undefined;
    }
    const abort = new AbortController();
    waveform(path, abort.signal).then(setShape, (failed: unknown) => {
      if (!abort.signal.aborted) {
        setProblem(failed instanceof Error ? failed.message : String(failed));
      }
    });
    return () => abort.abort();
  }, [path, recording?.bytes]);

  useEffect(() => {
    if (!playing) {
      return undefined;
    }
    const tick = setInterval(() => {
      const ms = (audio.current?.currentTime ?? 0) * 1000;
      setNowMs(ms);
      onTime(ms);
    }, TICK_MS);
    return () => clearInterval(tick);
  }, [playing]);

  const seek = (ms: number) => {
    if (audio.current) {
      audio.current.currentTime = ms / 1000;
    }
    setNowMs(ms);
    onTime(ms);
  };
  const play = () => {
    audio.current?.play().catch((failed: unknown) => {
      if (!(failed instanceof DOMException && failed.name === "AbortError")) {
        setProblem("The browser cannot play this recording.");
      }
    });
  };
  const saveAudio = async (from: string) => {
    setSaving(true);
    setProblem("");
    try {
      save(await (await request(from)).blob(), session, "wav");
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    } finally {
      setSaving(false);
    }
  };
  useImperativeHandle(handle, () => ({
    playFrom(ms: number) {
      seek(ms);
      play();
    },
  }));
  const lengthMs = Math.max(shape?.durationMs ?? 0, segments.at(-1)?.end_ms ?? 0);
  return (
    <section class="player" aria-label="Recording">
      {recording && path && (
        <>
          <audio
            ref={audio}
            src={resourceUrl(path)}
            preload="metadata"
            onPlay={() => setPlaying(true)}
            onPause={() => setPlaying(false)}
            onEnded={() => onTime(undefined)}
          />
          <div class="player-controls">
            <button type="button" class="primary" onClick={() => (playing ? audio.current?.pause() : play())}>
              <Icon name={playing ? "pause" : "play"} /> {playing ? "Pause" : "Play"}
            </button>
            <span class="elapsed">
              {duration(nowMs)} / {duration(lengthMs)}
            </span>
            <label>
              <span class="hidden">Speed</span>
              <select
                onChange={(event) => {
                  if (audio.current) {
                    audio.current.playbackRate = Number(event.currentTarget.value);
                  }
                }}
              >
                {SPEEDS.map((speed) => (
                  <option key={speed} value={speed} selected={speed === 1}>
                    {speed} ×
                  </option>
                ))}
              </select>
            </label>
            {recordings.length > 1 && (
              <label>
                <span class="hidden">Recording</span>
                <select onChange={(event) => setChosen(event.currentTarget.value)}>
                  {recordings.map((one) => (
                    <option key={one.recording_id} value={one.recording_id}>
                      {time(one.started_at)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <button type="button" disabled={saving} onClick={() => void saveAudio(path)}>
              <Icon name="down" /> {saving ? "Loading …" : "Audio"}
            </button>
          </div>
        </>
      )}
      <Lanes session={session} segments={segments} shape={shape} lengthMs={lengthMs} nowMs={nowMs} onSeek={recording ? seek : undefined} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

const WIDTH = 1000;
const HEIGHT = 40;

/** A lane for each leg: its waveform, and below it when it spoke. */
function Lanes({
  session,
  segments,
  shape,
  lengthMs,
  nowMs,
  onSeek,
}: {
  session: Session;
  segments: Segment[];
  shape: Waveform | undefined;
  lengthMs: number;
  nowMs: number;
  onSeek: ((ms: number) => void) | undefined;
}) {
  const lanes = useMemo(
    () =>
      session.legs.map((leg, channel) => {
        const own = segments.filter((segment) => segment.leg === leg);
        return {
          leg,
          spokenMs: own.reduce((sum, segment) => sum + segment.end_ms - segment.start_ms, 0),
          wave: wave(shape?.peaks[channel] ?? [], (shape?.durationMs ?? 0) / (lengthMs || 1)),
          turns: turns(own, lengthMs),
        };
      }),
    [session.legs, segments, shape, lengthMs],
  );
  if (lengthMs === 0) {
    return null;
  }
  const spokenMs = lanes.reduce((sum, lane) => sum + lane.spokenMs, 0) || 1;
  return (
    <div class="lanes">
      <ul>
        {lanes.map((lane) => (
          <li key={lane.leg} class={legClass(session.legs, lane.leg)}>
            <span class="who">{lane.leg}</span>
            <span class="muted">
              {duration(lane.spokenMs)}
              {lanes.length > 1 && `, ${Math.round((100 * lane.spokenMs) / spokenMs)} %`}
            </span>
          </li>
        ))}
      </ul>
      <div class="tracks">
        {lanes.map((lane) => (
          <svg key={lane.leg} class={legClass(session.legs, lane.leg)} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
            <path class="wave" d={lane.wave} />
            <path class="turns" d={lane.turns} />
          </svg>
        ))}
        {onSeek && (
          <>
            <div class="playhead" style={{ left: `${Math.min(100, (100 * nowMs) / lengthMs)}%` }} />
            <input
              type="range"
              min={0}
              max={Math.round(lengthMs)}
              step={100}
              value={Math.round(nowMs)}
              aria-label="Position"
              aria-valuetext={`${duration(nowMs)} of ${duration(lengthMs)}`}
              onInput={(event) => onSeek(Number(event.currentTarget.value))}
            />
          </>
        )}
      </div>
    </div>
  );
}

/** @param share of the lane's width that the recording takes */
function wave(peaks: number[], share: number): string {
  const middle = HEIGHT / 2 - 3;
  return peaks
    .map((peak, at) => {
      const x = ((at + 0.5) * WIDTH * share) / peaks.length;
      // Speech is mostly quiet: the root shows it.
      const half = Math.max(0.5, Math.sqrt(peak) * middle);
      return `M${x.toFixed(1)} ${(middle - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
    })
    .join("");
}

function turns(segments: Segment[], lengthMs: number): string {
  return segments
    .map((segment) => {
      const x = (segment.start_ms * WIDTH) / lengthMs;
      const width = Math.max(1, ((segment.end_ms - segment.start_ms) * WIDTH) / lengthMs);
      return `M${x.toFixed(1)} ${HEIGHT - 2}h${width.toFixed(1)}`;
    })
    .join("");
}
