import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, clockSkewMs, get, sessionPath } from "./api";
import { type Call, CallControls, callOf, Quality } from "./call";
import { download, FORMATS } from "./export";
import { count, duration, endReason, kind, lengthMs, party, percent, time, title } from "./format";
import { useLanguages } from "./languages";
import { Player, type PlayerHandle, useRecordings } from "./player";
import { QualityPlot } from "./plot";
import { route } from "./route";
import { type StreamState, TranscriptStream } from "./stream";
import { type Current, hasWords, type Hypothesis, hypothesis, soughtWords, Transcript } from "./transcript";
import type { Segment, SegmentPage, Session } from "./types";
import { Badge, Copy, Failure, Icon, Loading, Notice, useNow, usePolling } from "./ui";

const PAGE = 1000;
const POLL_MS = 3000;

export function SessionPage() {
  const id = route.value.id;
  return <OneSession key={id} id={id} words={route.value.query.get("text") ?? ""} />;
}

function OneSession({ id, words: asked }: { id: string; words: string }) {
  const [session, setSession] = useState<Session>();
  const [call, setCall] = useState<Call>();
  const [segments, setSegments] = useState<Segment[]>([]);
  const [loaded, setLoaded] = useState(false);
  const [open, setOpen] = useState<Record<string, Hypothesis>>({});
  const [state, setState] = useState<[StreamState, string]>(["connecting", ""]);
  const [failure, setFailure] = useState<unknown>();
  const [gone, setGone] = useState(false);
  const [round, setRound] = useState(0);
  const [words, setWords] = useState(asked);
  const [follow, setFollow] = useState(true);
  const [current, setCurrent] = useState<Current>();
  const player = useRef<PlayerHandle>(null);
  const recordings = useRecordings(session);
  const playFrom = useCallback((ms: number) => player.current?.playFrom(ms), []);
  const heard = (ms: number | undefined) =>
    setCurrent(
      ms === undefined
        ? undefined
        : { ms, seqs: segments.filter((one) => one.start_ms <= ms && ms < one.end_ms).map((one) => one.seq) },
    );

  // The record, again and again: it tells of the end, and that somebody has deleted the session.
  usePolling(
    async (signal) => {
      try {
        const known = await get<Session>(`${sessionPath(id)}?all_nodes=true`, signal);
        setSession(known);
        setGone(false);
        if (known.kind === "sip" || known.kind === "siprec") {
          setCall(await callOf(id, signal));
        }
      } catch (failed) {
        if (failed instanceof ApiError && failed.status === 404) {
          setGone(true);
        } else if (!signal.aborted && failed instanceof ApiError && failed.status !== 0) {
          setFailure(failed);
        }
      }
    },
    POLL_MS,
    [id, round],
  );

  // What is stored page by page, then the rest by the socket, from the number after.
  useEffect(() => {
    const abort = new AbortController();
    let stream: TranscriptStream | undefined;
    const read = async () => {
      let from = 1;
      try {
        for (;;) {
          const page = await get<SegmentPage>(`${sessionPath(id)}/segments?from_seq=${from}&limit=${PAGE}`, abort.signal);
          const last = page.segments.at(-1);
          setSegments((known) => (from === 1 ? page.segments : [...known, ...page.segments]));
          from = last ? last.seq + 1 : from;
          if (page.next_from_seq === undefined) {
            break;
          }
        }
      } catch (failed) {
        if (!abort.signal.aborted) {
          if (failed instanceof ApiError && failed.status === 404) {
            setGone(true);
          } else {
            setFailure(failed);
          }
        }
        return;
      }
      setLoaded(true);
      if (abort.signal.aborted) {
        return;
      }
      stream = new TranscriptStream(id, from, {
        onFinal: (segment) => setSegments((known) => [...known, segment]),
        onPartial: (leg, partial) =>
          setOpen((before) => {
            const { [leg]: old, ...rest } = before;
            return partial && partial.text ? { ...rest, [leg]: hypothesis(partial, old) } : rest;
          }),
        onState: (now, detail) => {
          setState([now, detail]);
          if (now === "gone") {
            setGone(true);
          }
        },
      });
    };
    void read();
    return () => {
      abort.abort();
      stream?.close();
    };
  }, [id, round]);

  const again = () => {
    setFailure(undefined);
    setRound(round + 1);
  };
  if (gone) {
    return (
      <section aria-labelledby="page">
        <Back />
        <h1 id="page" class="hidden">
          Session
        </h1>
        <Notice icon="gone" title={session ? "This session was deleted" : "There is no such session"} tone="bad">
          <p>{session ? "It was deleted while you had it open. Nothing of it is kept." : "It was never here, or it was deleted."}</p>
          <a class="button" href="#/history">
            All sessions
          </a>
        </Notice>
      </section>
    );
  }
  if (failure !== undefined) {
    return (
      <section>
        <Back />
        <Failure failure={failure} again={again} />
      </section>
    );
  }
  if (!session) {
    return (
      <section>
        <Back />
        <Loading what="the session" />
      </section>
    );
  }
  return (
    <section class="session" aria-labelledby="page">
      <Back />
      <Head session={session} segments={segments} state={state} />
      {call && <Quality legs={call.legs} ended={call.state === "ended"} />}
      {call && <QualityPlot call={call} startedAt={session.started_at} legs={session.legs} />}
      {call && call.state !== "ended" && session.live && <CallControls call={call} name={title(session)} />}
      {recordings.failure !== undefined && recordings.list.length === 0 && (
        <div class="problem again" role="alert">
          The recordings cannot be listed: {recordings.failure instanceof Error ? recordings.failure.message : String(recordings.failure)}
          <button type="button" class="small" onClick={recordings.again}>
            Try again
          </button>
        </div>
      )}
      {recordings.known && recordings.list.length === 0 && <p class="muted">There is no recording of this session on this node.</p>}
      {loaded && !session.live && (recordings.list.length > 0 || session.legs.length > 1) && (
        <Player handle={player} session={session} segments={segments} recordings={recordings.list} onTime={heard} />
      )}
      <Tools session={session} segments={segments} words={words} setWords={setWords} follow={follow} setFollow={setFollow} />
      {!loaded && segments.length === 0 && <Loading what="the transcript" />}
      {loaded && segments.length === 0 && Object.keys(open).length === 0 && (
        <Notice icon="mic" title="Nothing was said yet">
          <p>{session.live ? "The words appear here while they are spoken." : "The session has no segment."}</p>
        </Notice>
      )}
      <Words
        segments={segments}
        open={open}
        session={session}
        follow={follow && session.live}
        words={words}
        onPlay={recordings.list.length > 0 ? playFrom : undefined}
        current={current}
      />
      <Announcer segments={segments} live={session.live} loaded={loaded} />
    </section>
  );
}

function Back() {
  return (
    <a class="back" href="#/history">
      <Icon name="back" /> History
    </a>
  );
}

function Head({ session, segments, state }: { session: Session; segments: Segment[]; state: [StreamState, string] }) {
  const now = useNow(session.live ? 1000 : 3_600_000);
  const model = segments.at(-1)?.model;
  const ofModel = useLanguages(model);
  const language = segments.at(-1)?.language ?? ofModel;
  const confidences = segments.flatMap((segment) => (segment.confidence === undefined ? [] : [segment.confidence]));
  const confidence = confidences.reduce((sum, one) => sum + one, 0) / confidences.length;
  const { from, to, call_id: callId, codec } = session.attributes;
  const facts: [string, string][] = [
    ["Started", `${new Date(session.started_at).toLocaleDateString()} ${time(session.started_at)}`],
    ["Duration", session.live || session.ended_at ? duration(lengthMs(session, now + clockSkewMs.value)) : "not known"],
    ["Segments", String(segments.length)],
    ["Legs", session.legs.join(", ")],
  ];
  if (from) {
    facts.push(["Caller", party(from)]);
  }
  if (to) {
    facts.push(["Callee", party(to)]);
  }
  if (codec) {
    facts.push(["Codec", codec.toUpperCase()]);
  }
  if (model) {
    facts.push(["Model", model]);
  }
  if (language) {
    facts.push(["Language", language]);
  }
  if (segments.length > 0) {
    facts.push(["Confidence", Number.isNaN(confidence) ? "not given by this model" : percent(confidence)]);
  }
  if (session.node) {
    facts.push(["Node", session.node]);
  }
  if (session.end_reason) {
    facts.push(["Ended", endReason(session.end_reason)]);
  }
  return (
    <>
      <header class="page-head">
        <h1 id="page">{title(session)}</h1>
        {session.live ? (
          state[0] === "lost" ? (
            <Badge tone="warn">Reconnecting</Badge>
          ) : (
            <Badge tone="live">Live</Badge>
          )
        ) : (
          <Badge tone="quiet">{session.ended_at ? "Ended" : "Open"}</Badge>
        )}
        <span class="muted">{kind(session)}</span>
      </header>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div class="ids">
          <dt>Session id</dt>
          <dd>
            <code>{session.session_id}</code>
            <Copy text={session.session_id} label="Copy the session id" />
          </dd>
        </div>
        {callId && callId !== session.session_id && (
          <div class="ids">
            <dt>Call-ID</dt>
            <dd>
              <code>{callId}</code>
              <Copy text={callId} label="Copy the Call-ID" />
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function Tools({
  session,
  segments,
  words,
  setWords,
  follow,
  setFollow,
}: {
  session: Session;
  segments: Segment[];
  words: string;
  setWords: (words: string) => void;
  follow: boolean;
  setFollow: (follow: boolean) => void;
}) {
  const found = useMemo(() => {
    const sought = soughtWords(words);
    return sought.length > 0 ? segments.filter((segment) => hasWords(segment.text, sought)).length : 0;
  }, [words, segments]);
  return (
    <div class="tools">
      <label class="find">
        <span class="hidden">Find in this transcript</span>
        <Icon name="search" />
        <input
          type="search"
          value={words}
          placeholder="Find in this transcript"
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <span class="muted" role="status">
          {words.trim() && count(found, "segment", "segments")}
        </span>
      </label>
      {session.live && (
        <label class="check">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} /> Follow
        </label>
      )}
      <div class="exports" role="group" aria-label="Export">
        <Icon name="down" />
        {FORMATS.map((format) => (
          <button
            key={format}
            type="button"
            disabled={segments.length === 0}
            aria-label={`Export as ${format.toUpperCase()}`}
            onClick={() => download(format, session, segments)}
          >
            {format.toUpperCase()}
          </button>
        ))}
      </div>
    </div>
  );
}

/** While words are sought only the segments that have them show, each in its place in time. */
function Words({
  segments,
  open,
  session,
  follow,
  words,
  onPlay,
  current,
}: {
  segments: Segment[];
  open: Record<string, Hypothesis>;
  session: Session;
  follow: boolean;
  words: string;
  onPlay: ((ms: number) => void) | undefined;
  current: Current | undefined;
}) {
  const sought = words.trim();
  const shown = useMemo(() => {
    const each = soughtWords(sought);
    return each.length > 0 ? segments.filter((segment) => hasWords(segment.text, each)) : segments;
  }, [segments, sought]);
  return (
    <Transcript
      segments={shown}
      open={sought ? [] : Object.values(open).sort((a, b) => a.start_ms - b.start_ms)}
      legs={session.legs}
      marks={sought ? [] : (session.marks ?? [])}
      follow={follow && !sought}
      words={words}
      onPlay={onPlay}
      current={current}
    />
  );
}

/** Tells a screen reader each new final once, and nothing of what was there when the page came. */
function Announcer({ segments, live, loaded }: { segments: Segment[]; live: boolean; loaded: boolean }) {
  const told = useRef<number | undefined>(undefined);
  const last = segments.at(-1);
  if (loaded && told.current === undefined) {
    told.current = last?.seq ?? 0;
  }
  const fresh = live && last && told.current !== undefined && last.seq > told.current ? last : undefined;
  return (
    <div class="hidden" aria-live="polite">
      {fresh && `${fresh.leg}: ${fresh.text}`}
    </div>
  );
}
