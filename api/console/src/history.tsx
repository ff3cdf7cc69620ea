import { useEffect, useState } from "preact/hooks";
import { get } from "./api";
import { count, day, duration, kind, lengthMs, time, title } from "./format";
import { route, sessionHref } from "./route";
import { Marked } from "./transcript";
import type { Segment, Session } from "./types";
import { Badge, Failure, Icon, Loading, Notice } from "./ui";

const PAGE = 50;
const FIELDS = ["text", "party", "trunk", "language", "from", "to"];

interface Found extends Session {
  /** Segments with the words that were sought. */
  matches?: Segment[];
}

interface FoundPage {
  sessions: Found[];
  next_before?: string;
}

export function History() {
  const asked = route.value.query;
  const [sessions, setSessions] = useState<Found[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  const filtered = FIELDS.some((name) => asked.get(name));

  const load = async (before: string | undefined, signal: AbortSignal | undefined) => {
    setBusy(true);
    try {
      const page = await get<FoundPage>(address(asked, before), signal);
      setSessions((known) => (before ? [...(known ?? []), ...page.sessions] : page.sessions));
      setNext(page.next_before);
      setFailure(undefined);
    } catch (failed) {
      if (!signal?.aborted) {
        setFailure(failed);
      }
    } finally {
      if (!signal?.aborted) {
        setBusy(false);
      }
    }
  };

  useEffect(() => {
    const abort = new AbortController();
    setSessions(undefined);
    void load(undefined, abort.signal);
    return () => abort.abort();
  }, [asked.toString(), round]);

  return (
    <section aria-labelledby="page">
      <header class="page-head">
        <h1 id="page">History</h1>
      </header>
      <Filters key={asked.toString()} asked={asked} />
      {failure !== undefined && <Failure failure={failure} again={() => setRound(round + 1)} />}
      {!sessions && failure === undefined && <Loading what="sessions" />}
      {sessions?.length === 0 && next && <p class="muted">Nothing found so far.</p>}
      {sessions?.length === 0 && !next && (
        <Notice icon="search" title={filtered ? "Nothing found" : "No sessions yet"}>
          <p>
            {filtered
              ? "No session of that time has these words, parties, trunk or language."
              : "Every call, stream and file is kept here after its end."}
          </p>
          {filtered ? <a href="#/history">Show all sessions</a> : <a class="button" href="#/try">Try it</a>}
        </Notice>
      )}
      {sessions && sessions.length > 0 && <Days sessions={sessions} words={asked.get("text") ?? ""} />}
      {sessions && next && (
        <button type="button" class="more" disabled={busy} onClick={() => void load(next, undefined)}>
          {busy ? "Loading …" : filtered ? "Search older sessions" : "Show more"}
        </button>
      )}
    </section>
  );
}

function address(asked: URLSearchParams, before: string | undefined): string {
  const parameters = new URLSearchParams({ limit: String(PAGE) });
  for (const name of ["text", "party", "trunk", "language"]) {
    const value = asked.get(name);
    if (value) {
      parameters.set(name, value);
    }
  }
  const from = asked.get("from");
  if (from) {
    parameters.set("after", begin(from).toISOString());
  }
  const to = asked.get("to");
  if (to) {
    const end = begin(to);
    if (to.includes("T")) {
      end.setMinutes(end.getMinutes() + 1);
    } else {
      end.setDate(end.getDate() + 1);
    }
    parameters.set("until", end.toISOString());
  }
  const search = [...parameters.keys()].length > 1;
  if (before) {
    parameters.set("before", before);
  }
  return `${search ? "search" : "sessions"}?${parameters}`;
}

/** Of a day, or of a minute. */
function begin(when: string): Date {
  return new Date(when.includes("T") ? when : `${when}T00:00`);
}

/** The day of a moment that is sought, and its time where one is given. */
function When({ name, label, asked }: { name: string; label: string; asked: URLSearchParams }) {
  const [day = "", minute = ""] = (asked.get(name) ?? "").split("T");
  return (
    <div class="when">
      <label>
        <span>{label}</span>
        <input type="date" name={name} defaultValue={day} />
      </label>
      <label>
        <span>{label}, time</span>
        <input type="time" name={`${name}-time`} defaultValue={minute} />
      </label>
    </div>
  );
}

function Filters({ asked }: { asked: URLSearchParams }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const query = new URLSearchParams();
    for (const name of FIELDS) {
      const value = String(data.get(name) ?? "").trim();
      const minute = data.get(`${name}-time`);
      if (value) {
        query.set(name, minute ? `${value}T${minute}` : value);
      }
    }
    location.hash = `#/history${query.size > 0 ? `?${query}` : ""}`;
  };
  return (
    <form class="filters" role="search" onSubmit={submit}>
      <label class="wide">
        <span>Words</span>
        <input type="search" name="text" maxLength={200} defaultValue={asked.get("text") ?? ""} placeholder="Words that were said" />
      </label>
      <label class="wide">
        <span>Number or Call-ID</span>
        <input type="search" name="party" maxLength={200} defaultValue={asked.get("party") ?? ""} placeholder="Number, name or Call-ID" />
      </label>
      <label>
        <span>Trunk</span>
        <input type="search" name="trunk" maxLength={64} defaultValue={asked.get("trunk") ?? ""} placeholder="Any" />
      </label>
      <label>
        <span>Language</span>
        <input
          type="search"
          name="language"
          maxLength={20}
          pattern="[A-Za-z]{2,3}([\-_][A-Za-z0-9]{2,8})*"
          title="A tag such as en or pt-BR"
          defaultValue={asked.get("language") ?? ""}
          placeholder="Any"
        />
      </label>
      <When name="from" label="From" asked={asked} />
      <When name="to" label="To" asked={asked} />
      <button type="submit" class="primary">
        <Icon name="search" /> Search
      </button>
    </form>
  );
}

function Days({ sessions, words }: { sessions: Found[]; words: string }) {
  const days: [string, Found[]][] = [];
  for (const session of sessions) {
    const name = day(session.started_at);
    if (days.at(-1)?.[0] === name) {
      days.at(-1)?.[1].push(session);
    } else {
      days.push([name, [session]]);
    }
  }
  return (
    <>
      {days.map(([name, entries]) => (
        <div key={name + entries[0]?.session_id}>
          <h2 class="day">{name}</h2>
          <ul class="list">
            {entries.map((session) => (
              <Entry key={session.session_id} session={session} words={words} />
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function Entry({ session, words }: { session: Found; words: string }) {
  const query = words ? `?text=${encodeURIComponent(words)}` : "";
  return (
    <li>
      <a class="entry" href={sessionHref(session.session_id) + query}>
        <Icon name={session.kind === "sip" ? "phone" : session.kind === "file" ? "file" : "plug"} />
        <span class="entry-title">{title(session)}</span>
        <span class="entry-facts">
          <span>{time(session.started_at)}</span>
          <span>{session.live ? <Badge tone="live">Live</Badge> : session.ended_at ? duration(lengthMs(session, 0)) : "open"}</span>
          <span>{count(session.last_seq, "segment", "segments")}</span>
          <span>{kind(session)}</span>
        </span>
        {session.matches?.map((segment) => (
          <span key={segment.seq} class="match">
            <span class="at">{duration(segment.start_ms)}</span> <Marked text={segment.text} words={words} />
          </span>
        ))}
      </a>
    </li>
  );
}
