import { useState } from "preact/hooks";
import { ApiError, get } from "./api";
import { type Addresses, transports } from "./callit";
import { count } from "./format";
import { Keys } from "./keys";
import { Badge, Failure, Icon, Loading, Notice, Stale, usePolling } from "./ui";
import { type Line, LineHealth } from "./line";
import { Webhooks } from "./webhooks";

const POLL_MS = 5000;

interface Health {
  status: string;
  ready: boolean;
  reasons: string[];
  store: string;
  live_transcript: string;
  outbox_segments: number;
  open_sources: number;
}

export interface Setting {
  key: string;
  value: string;
  by_default: string;
  meaning: string;
  /** Whether it differs from the default. */
  changed: boolean;
}

interface Capacity {
  /** Absent where nothing is known. */
  more_calls?: number;
  bound_by?: string;
  limits: { name: string; used?: number; limit?: number; more?: number }[];
}

interface System {
  version: string;
  started_at: string;
  addresses: Addresses;
  max_sources: number;
  capacity: Capacity;
  line: Line;
  settings: Setting[];
}

export function SystemPage() {
  const [health, setHealth] = useState<Health>();
  const [system, setSystem] = useState<System>();
  const [hidden, setHidden] = useState(false);
  const [untold, setUntold] = useState<unknown>();
  const [failure, setFailure] = useState<unknown>();
  const [round, setRound] = useState(0);
  usePolling(
    async (signal) => {
      try {
        setHealth(await get<Health>("health", signal));
        setFailure(undefined);
      } catch (failed) {
        if (!signal.aborted) {
          setFailure(failed);
        }
        return;
      }
      try {
        setSystem(await get<System>("system", signal));
        setHidden(false);
        setUntold(undefined);
      } catch (failed) {
        if (!signal.aborted) {
          const refused = failed instanceof ApiError && failed.status === 403;
          setHidden(refused);
          setUntold(refused || (failed instanceof ApiError && failed.status === 401) ? undefined : failed);
        }
      }
    },
    POLL_MS,
    [round],
  );
  return (
    <section aria-labelledby="page">
      <header class="page-head">
        <h1 id="page">System</h1>
        {health && (
          <Badge tone={health.status === "ok" ? "good" : health.status === "degraded" ? "warn" : "bad"}>
            {health.status === "ok" ? "All well" : health.status === "degraded" ? "Degraded" : "Not ready"}
          </Badge>
        )}
        {system && <span class="muted">{system.version}</span>}
      </header>
      {!health && failure === undefined && <Loading what="the state" />}
      {!health && failure !== undefined && <Failure failure={failure} again={() => setRound(round + 1)} />}
      {health && failure !== undefined && <Stale failure={failure} />}
      {health && <State health={health} system={system} />}
      {untold !== undefined && <Failure failure={untold} again={() => setRound(round + 1)} />}
      {hidden && (
        <Notice icon="key" title="Settings and keys are for administrators">
          <p>This key lacks the scope admin.</p>
        </Notice>
      )}
      {system && <LineHealth line={system.line} />}
      {system && <Keys />}
      {system && <Webhooks />}
      {system && <Settings settings={system.settings} />}
    </section>
  );
}

const BOUNDS: Record<string, string> = {
  calls: "by linescribe.call.max-calls",
  sources: "by linescribe.session.max-sources",
  "media-ports": "by linescribe.rtp.ports",
  recogniser: "by the time that recognition takes",
};

type Tile = [string, string, "good" | "warn" | "bad", string];

function capacityTiles(health: Health, capacity: Capacity | undefined): Tile[] {
  if (capacity?.more_calls === undefined) {
    return [];
  }
  const more = health.ready ? capacity.more_calls : 0;
  const cost = capacity.limits.some((limit) => limit.name === "recogniser" && limit.more === undefined);
  return [
    [
      "Capacity",
      more === 0 ? "No more calls fit" : `${count(more, "more call fits", "more calls fit")}`,
      more > 0 ? "good" : "bad",
      !health.ready
        ? "New ones are refused"
        : `Bound ${BOUNDS[capacity.bound_by ?? ""] ?? ""}${cost ? "; what recognition has time for is learnt while people speak" : ""}`,
    ],
  ];
}

const UP: Record<string, string> = { up: "Up", down: "Down" };

function State({ health, system }: { health: Health; system: System | undefined }) {
  const max = system?.max_sources;
  const tiles: Tile[] = [
    ["Segment store", UP[health.store] ?? health.store, health.store === "up" ? "good" : "bad", health.store === "up" ? "" : "Finals wait in the outbox"],
    ["Live transcript", UP[health.live_transcript] ?? health.live_transcript, health.live_transcript === "up" ? "good" : "bad", ""],
    [
      "Outbox",
      count(health.outbox_segments, "segment", "segments"),
      health.outbox_segments === 0 ? "good" : "warn",
      health.outbox_segments === 0 ? "Everything is stored" : "Waiting for the store",
    ],
    [
      "Sessions now",
      max === undefined ? String(health.open_sources) : `${health.open_sources} of ${max}`,
      health.ready ? "good" : "bad",
      health.ready ? "New ones are admitted" : "New ones are refused",
    ],
    ...capacityTiles(health, system?.capacity),
  ];
  return (
    <>
      {health.reasons.length > 0 && (
        <ul class="reasons" role="status">
          {health.reasons.map((reason) => (
            <li key={reason}>
              <Icon name="warn" /> {reason}
            </li>
          ))}
        </ul>
      )}
      <dl class="tiles">
        {tiles.map(([name, value, tone, detail]) => (
          <div key={name} class={`tile ${tone}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            {detail && <dd class="muted">{detail}</dd>}
          </div>
        ))}
        {system?.addresses.sip && (
          <div class="tile">
            <dt>SIP</dt>
            <dd>
              <code>{system.addresses.call_at[0] ?? system.addresses.sip}</code>
            </dd>
            <dd class="muted">{transports(system.addresses)}</dd>
          </div>
        )}
      </dl>
    </>
  );
}

function Settings({ settings }: { settings: Setting[] }) {
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const sought = text.trim().toLowerCase();
  const shown = settings.filter(
    (setting) =>
      (all || sought || setting.changed) && (!sought || `${setting.key} ${setting.meaning}`.toLowerCase().includes(sought)),
  );
  return (
    <>
      <h2>Settings in force</h2>
      <div class="tools">
        <label class="find">
          <span class="hidden">Find a setting</span>
          <Icon name="search" />
          <input type="search" value={text} placeholder="Find a setting" onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} /> Show defaults
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="muted">{sought ? "No setting has that in its name or meaning." : "Everything is at its default."}</p>
      ) : (
        <dl class="settings">
          {shown.map((setting) => (
            <div key={setting.key} class={setting.changed ? "changed" : ""}>
              <dt>
                <code>{setting.key}</code>
              </dt>
              <dd>
                <code>{setting.value || "(empty)"}</code>
                {setting.changed && <span class="muted default">default: {setting.by_default || "(empty)"}</span>}
                <p class="muted">{setting.meaning}</p>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
