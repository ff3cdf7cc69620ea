import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { clockSkewMs, get } from "./api";
import { type Call, CallControls, openCalls, Quality } from "./call";
import { CallIt } from "./callit";
import { count, duration, endReason, kind, lengthMs, title } from "./format";
import { useLanguages } from "./languages";
import { sessionHref } from "./route";
import { type StreamState, TranscriptStream } from "./stream";
import { type Hypothesis, hypothesis, legClass, OpenText } from "./transcript";
import type { FleetNode, LivePage, Segment, Session } from "./types";
import { Badge, Failure, Icon, Loading, Notice, Stale, useNow, usePolling } from "./ui";

const POLL_MS = 2000;
const SHOWN_AFTER_END_MS = 20_000;
const LINES = 3;

/** A session on the page; one that has ended stays a little, so that nobody wonders where it went. */
interface Shown {
  session: Session;
  endedMs?: number;
}

export function Live() {
  const [shown, setShown] = useState<Shown[]>();
  const [nodes, setNodes] = useState<FleetNode[]>([]);
  const [calls, setCalls] = useState<Map<string, Call>>();
  const [failure, setFailure] = useState<unknown>();
  const [round, setRound] = useState(0);
  const mayControl = useRef(true);
  usePolling(
    async (signal) => {
      try {
        const page = await get<LivePage>("sessions?live=true&all_nodes=true&limit=1000", signal);
        const open = mayControl.current ? await openCalls(signal) : undefined;
        mayControl.current = open !== undefined;
        setCalls(open);
        setNodes(page.nodes ?? []);
        setShown((before) => merge(before ?? [], page));
        setFailure(undefined);
      } catch (failed) {
        if (!signal.aborted) {
          setFailure(failed);
        }
      }
    },
    POLL_MS,
    [round],
  );
  const live = shown?.filter((entry) => entry.endedMs === undefined).length ?? 0;
  const silent = nodes.filter((node) => !node.answered).map((node) => node.name);
  const nodeName = nodes.length > 1 ? shortNames(nodes) : () => "";
  return (
    <section aria-labelledby="page">
      <header class="page-head">
        <h1 id="page">Live</h1>
        {shown && <Badge tone={live > 0 ? "live" : "quiet"}>{count(live, "session", "sessions")}</Badge>}
        {nodes.length > 1 && <span class="muted">at {nodes.length} nodes</span>}
      </header>
      {!shown && failure === undefined && <Loading what="sessions" />}
      {!shown && failure !== undefined && <Failure failure={failure} again={() => setRound(round + 1)} />}
      {shown && failure !== undefined && <Stale failure={failure} />}
      {silent.length > 0 && (
        <p class="problem" role="alert">
          {silent.join(", ")} {silent.length === 1 ? "does" : "do"} not answer: what is shown of sessions there may be old, and new ones are missing.
        </p>
      )}
      {shown?.length === 0 && (
        <Notice icon="phone" title="Nobody speaks right now">
          <p>A call or stream appears here as soon as it begins, with its words while they are spoken.</p>
          <CallIt />
          <p>
            <a class="button" href="#/try">
              Try it
            </a>{" "}
            <a href="#/history">or read what was said before</a>
          </p>
        </Notice>
      )}
      {shown && shown.length > 0 && (
        <ul class="cards">
          {shown.map((entry) => (
            <Card key={entry.session.session_id} {...entry} call={calls?.get(entry.session.session_id)} node={nodeName(entry.session.node)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** A node's name is its host and data folder; the host says enough where each has its own. */
function shortNames(nodes: FleetNode[]): (name: string | undefined) => string {
  const host = (name: string) => name.split(":", 1)[0] ?? name;
  const distinct = new Set(nodes.map((node) => host(node.name))).size === nodes.length;
  return (name = "") => (distinct ? host(name) : name);
}

function merge(before: Shown[], { sessions, nodes = [] }: LivePage): Shown[] {
  const now = Date.now();
  const live = new Map(sessions.map((session) => [session.session_id, session]));
  const silent = new Set(nodes.filter((node) => !node.answered).map((node) => node.name));
  const kept = before
    .filter((entry) => live.has(entry.session.session_id) || now - (entry.endedMs ?? now) < SHOWN_AFTER_END_MS)
    .map((entry) => {
      const session = live.get(entry.session.session_id);
      // Of a node that does not answer nobody knows.
      return session ? { session } : silent.has(entry.session.node ?? "") ? entry : { session: entry.session, endedMs: entry.endedMs ?? now };
    });
  const known = new Set(kept.map((entry) => entry.session.session_id));
  const fresh = sessions.filter((session) => !known.has(session.session_id)).map((session) => ({ session }));
  return [...fresh, ...kept];
}

function Card({ session, endedMs, call, node }: Shown & { call: Call | undefined; node: string }) {
  const [state, setState] = useState<[StreamState, string]>(["connecting", ""]);
  const [model, setModel] = useState<string>();
  const [spoken, setSpoken] = useState<string>();
  const [seen, setSeen] = useState(false);
  const card = useRef<HTMLLIElement>(null);
  // A card that was never in view needs no socket: browsers bound them.
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setSeen((was) => was || entries.some((e) => e.isIntersecting)), {
      rootMargin: "200px",
    });
    if (card.current) {
      observer.observe(card.current);
    }
    return () => observer.disconnect();
  }, []);
  const onFinal = useCallback((segment: Segment) => {
    setModel(segment.model);
    setSpoken(segment.language);
  }, []);
  const ofModel = useLanguages(model);
  const language = spoken ?? ofModel;
  const over = endedMs !== undefined;
  const ended = over || state[0] === "ended";
  return (
    <li ref={card} class={over ? "card over" : "card"}>
      <a class="card-head" href={sessionHref(session.session_id)}>
        <Icon name={session.kind === "sip" ? "phone" : session.kind === "file" ? "file" : "plug"} />
        <span class="card-title">{title(session)}</span>
        <Elapsed session={session} over={over} />
      </a>
      <Words session={session} read={seen} onState={setState} onFinal={onFinal} />
      {call && !ended && <Quality legs={call.legs} />}
      <footer class="card-foot">
        {ended ? (
          <Badge tone="quiet">Ended{state[1] ? `: ${endReason(state[1])}` : ""}</Badge>
        ) : state[0] === "lost" ? (
          <Badge tone="warn">Reconnecting</Badge>
        ) : state[0] === "gone" || state[0] === "refused" ? (
          <Badge tone="bad">{state[0] === "gone" ? "Deleted" : "Not allowed"}</Badge>
        ) : (
          <Badge tone="live">{call?.state === "held" ? "On hold" : "Live"}</Badge>
        )}
        <span>{kind(session)}</span>
        {node && <span class="node">{node}</span>}
        {call?.trunk && <span>{call.trunk}</span>}
        {session.legs.length > 1 && <span>{session.legs.length} legs</span>}
        {session.attributes["codec"] && <span>{session.attributes["codec"].toUpperCase()}</span>}
        {model && <span class="model">{model}</span>}
        {language && <span>{language}</span>}
      </footer>
      {call && !ended && <CallControls call={call} name={title(session)} />}
    </li>
  );
}

/** A session's last lines and what is being said. On their own: they change many times a second, and the card does not. */
function Words({
  session,
  read,
  onState,
  onFinal,
}: {
  session: Session;
  read: boolean;
  onState: (state: [StreamState, string]) => void;
  onFinal: (segment: Segment) => void;
}) {
  const [finals, setFinals] = useState<Segment[]>([]);
  const [open, setOpen] = useState<Record<string, Hypothesis>>({});
  useEffect(() => {
    if (!read) {
      return undefined;
    }
    const stream = new TranscriptStream(session.session_id, Math.max(1, session.last_seq - LINES + 1), {
      onFinal: (segment) => {
        setFinals((before) => [...before, segment].slice(-LINES));
        onFinal(segment);
      },
      onPartial: (leg, partial) =>
        setOpen((before) => {
          const { [leg]: old, ...rest } = before;
          return partial && partial.text ? { ...rest, [leg]: hypothesis(partial, old) } : rest;
        }),
      onState: (now, detail) => onState([now, detail]),
    });
    return () => stream.close();
  }, [read, session.session_id]);
  const speaking = Object.values(open);
  const lines = finals.slice(-Math.max(1, LINES - speaking.length));
  return (
    <div class="words" role="log" aria-live="off" aria-label={`Words of ${title(session)}`}>
      {lines.length === 0 && speaking.length === 0 && <p class="muted">Nothing said yet</p>}
      {lines.map((segment) => (
        <p key={segment.seq} data-seq={segment.seq} class={legClass(session.legs, segment.leg)}>
          {session.legs.length > 1 && <span class="who">{segment.leg}</span>}
          {segment.text}
        </p>
      ))}
      {speaking.map((partial) => (
        <p key={partial.leg} class={`open ${legClass(session.legs, partial.leg)}`}>
          {session.legs.length > 1 && <span class="who">{partial.leg}</span>}
          <OpenText open={partial} />
        </p>
      ))}
    </div>
  );
}

function Elapsed({ session, over }: { session: Session; over: boolean }) {
  const now = useNow(over ? 60_000 : 1000);
  const [frozen, setFrozen] = useState<number>();
  const length = frozen ?? lengthMs(session, now + clockSkewMs.value);
  useEffect(() => setFrozen(over ? length : undefined), [over]);
  return (
    <span class="elapsed" aria-label="Duration">
      {duration(length)}
    </span>
  );
}
