import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, request } from "./api";
import { Badge, Copy, Dialog, Failure, Loading, Stale, usePolling } from "./ui";

const POLL_MS = 10_000;

interface Pull {
  state: "downloading" | "installing" | "done" | "failed";
  bytes: number;
  total_bytes?: number;
  error?: string;
}

/** What a model takes on this machine. */
interface Speed {
  real_time_factor: number;
  cores_per_call: number;
  calls_per_core: number;
  cores: number;
}

interface Model {
  name: string;
  language: string;
  about_megabytes: number;
  licence: string;
  state: "loaded" | "installed" | "available";
  /** Whether the catalogue can tell a true archive from another. */
  hash_known: boolean;
  pull?: Pull;
  speed?: Speed;
}

const STATES = { loaded: ["good", "In use"], installed: ["good", "Installed"], available: ["quiet", "Available"] } as const;

/** The models of the catalogue, their download, and their speed on this machine. */
export function Catalogue() {
  const [models, setModels] = useState<Model[]>();
  const [byDefault, setByDefault] = useState("");
  const [configured, setConfigured] = useState("");
  const [told, setTold] = useState("");
  const [refused, setRefused] = useState("");
  const [making, setMaking] = useState("");
  const table = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<unknown>();
  const [asked, setAsked] = useState<Model>();
  const [followed, setFollowed] = useState("");
  const [measured, setMeasured] = useState("");
  const [speeds, setSpeeds] = useState<Record<string, Speed>>({});
  const [progress, setProgress] = useState<Record<string, Pull>>({});
  const [problem, setProblem] = useState("");
  const [round, setRound] = useState(0);
  usePolling(
    async (signal) => {
      let found: Model[];
      try {
        const answer = await get<{ models: Model[]; default_model: string; configured_model: string }>("models", signal);
        found = answer.models;
        setModels(found);
        setByDefault(answer.default_model);
        setConfigured(answer.configured_model);
        setFailure(undefined);
      } catch (failed) {
        if (!signal.aborted) {
          setFailure(failed);
        }
        return;
      }
      // One that somebody else began.
      const running = found.find((model) => model.pull && !isOver(model.pull));
      setFollowed((known) => known || (running?.name ?? ""));
    },
    POLL_MS,
    [round],
  );
  useEffect(() => {
    if (!followed) {
      return undefined;
    }
    const abort = new AbortController();
    void follow(followed, abort.signal, (pull) => setProgress((known) => ({ ...known, [followed]: pull })))
      .catch((failed: unknown) => {
        if (!abort.signal.aborted && !(failed instanceof ApiError && failed.status === 403)) {
          setProblem(failed instanceof Error ? failed.message : String(failed));
        }
      })
      .finally(() => {
        if (!abort.signal.aborted) {
          setFollowed("");
          setRound((known) => known + 1);
        }
      });
    return () => abort.abort();
  }, [followed]);
  const pull = async (model: Model) => {
    setProblem("");
    try {
      await request(`models/${encodeURIComponent(model.name)}/pull`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ trust_on_first_use: !model.hash_known }),
      });
      setFollowed(model.name);
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
  };
  const makeDefault = async (name: string) => {
    setProblem("");
    setTold("");
    setMaking(name);
    try {
      await request(`models/${encodeURIComponent(name)}/default`, { method: "POST" });
      setByDefault(name);
      setRound((known) => known + 1);
      setTold(`${name} is the default of this node, after a restart too. Sessions that are open keep theirs.`);
      // Its button goes.
      table.current?.focus({ preventScroll: true });
    } catch (failed) {
      if (failed instanceof ApiError && failed.status === 409) {
        setRefused(name);
      } else {
        setProblem(failed instanceof Error ? failed.message : String(failed));
      }
    } finally {
      setMaking("");
    }
  };
  const measure = async (model: Model) => {
    setProblem("");
    setMeasured(model.name);
    try {
      const response = await request(`models/${encodeURIComponent(model.name)}/speed`, { method: "POST" });
      const speed = (await response.json()) as Speed;
      setSpeeds((known) => ({ ...known, [model.name]: speed }));
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    } finally {
      setMeasured("");
    }
  };
  if (!models || models.length === 0) {
    return (
      <>
        <h2>Catalogue</h2>
        {failure !== undefined ? (
          <Failure failure={failure} again={() => setRound(round + 1)} />
        ) : models ? (
          <p class="muted">The catalogue of this gateway has no model.</p>
        ) : (
          <Loading what="the catalogue" />
        )}
      </>
    );
  }
  return (
    <>
      <h2>Catalogue</h2>
      {failure !== undefined && <Stale failure={failure} />}
      <p>
        Sessions that name no model get <strong>{byDefault}</strong>
        {configured === byDefault ? (
          <>
            {" "}
            (<code>linescribe.model.name</code>, or a folder of yours).
          </>
        ) : (
          `, which was chosen here, on this node. Its settings name ${configured}.`
        )}
      </p>
      <p role="status">{told}</p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div ref={table} class="scroll" tabIndex={0} role="region" aria-label="Catalogue of models">
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Language</th>
              <th scope="col">Size</th>
              <th scope="col">State</th>
              <th scope="col">Speed here</th>
              <th scope="col">
                <span class="hidden">Pull, measure or choose</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => {
              const newest = progress[model.name] ?? model.pull;
              const [tone, text] = STATES[model.state];
              const speed = speeds[model.name] ?? model.speed;
              return (
                <tr key={model.name}>
                  <td>{model.name}</td>
                  <td>{model.language === "mul" ? "many" : model.language}</td>
                  <td>{model.about_megabytes} MB</td>
                  <td>
                    <Badge tone={tone}>{text}</Badge> {model.name === byDefault && <Badge tone="quiet">Default</Badge>}
                    {newest && <Progress name={model.name} pull={newest} />}
                  </td>
                  <td aria-live="polite">{measured === model.name ? "Measuring" : speed && <Pace speed={speed} />}</td>
                  <td>
                    <div class="acts">
                      {model.state !== "available" && model.name !== byDefault && (
                        <button
                          type="button"
                          class="small"
                          aria-busy={making === model.name}
                          aria-label={`Make default: ${model.name}`}
                          onClick={() => making === "" && void makeDefault(model.name)}
                        >
                          {making === model.name ? "Loading" : "Make default"}
                        </button>
                      )}
                      {model.state !== "available" && (
                        <button
                          type="button"
                          class="small"
                          disabled={measured !== ""}
                          aria-label={`Measure ${model.name}`}
                          onClick={() => void measure(model)}
                        >
                          Measure
                        </button>
                      )}
                      {model.state === "available" && (
                        <button
                          type="button"
                          class="small"
                          disabled={followed !== ""}
                          aria-label={`Pull ${model.name}`}
                          onClick={() => (model.hash_known ? void pull(model) : setAsked(model))}
                        >
                          Pull
                        </button>
                      )}
                    </div>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="muted">
        A measurement takes some seconds and runs only while no call is on. Calls a core are those with one leg, 30 % of the core left free. Of a model that
        decodes whole utterances the finals count, with few partials: partials use what is left.
      </p>
      <p class="muted">
        A session may name a model other than the default, if <code>linescribe.model.others</code> lists it.
      </p>
      {refused && <HowToDefault name={refused} onClose={() => setRefused("")} />}
      {asked && (
        <Dialog
          title={`Pull ${asked.name}?`}
          action="Trust and pull"
          onClose={(confirmed) => {
            setAsked(undefined);
            if (confirmed) {
              void pull(asked);
            }
          }}
        >
          <p>
            The catalogue has no hash of it: the first download is believed, and every later one is held to it. Licence: {asked.licence}.
          </p>
        </Dialog>
      )}
    </>
  );
}

/** Of a model that this node does not serve, or could not load. */
function HowToDefault({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <Dialog title={`Make ${name} the default`} onClose={onClose}>
      <p>
        This node does not serve it now. List it in <code>linescribe.model.others</code>, or set it in one of these places, then restart the gateway:
      </p>
      <dl class="ways">
        {[
          ["On the command line", `./linescribe serve --model ${name}`],
          ["In the file of --config", `linescribe.model.name: ${name}`],
          ["In the environment", `LINESCRIBE_MODEL_NAME=${name}`],
        ].map(([where, text]) => (
          <div key={where}>
            <dt>{where}</dt>
            <dd>
              <code>{text}</code>
              <Copy text={text ?? ""} label={`Copy: ${where}`} />
            </dd>
          </div>
        ))}
      </dl>
      <p>
        A stop waits for open calls to be written (<code>linescribe.drain</code>); with several nodes, restart one after the other.
      </p>
    </Dialog>
  );
}

function Pace({ speed }: { speed: Speed }) {
  const times = 1 / speed.cores_per_call;
  return (
    <span title={`${speed.cores_per_call} of a core for a call; ${speed.cores} cores here`}>
      {times >= 10 ? Math.round(times) : times.toFixed(1)} × real time, {speed.calls_per_core} {speed.calls_per_core === 1 ? "call" : "calls"} a core
    </span>
  );
}

function isOver(pull: Pull): boolean {
  return pull.state === "done" || pull.state === "failed";
}

function Progress({ name, pull }: { name: string; pull: Pull }) {
  if (pull.state === "failed") {
    return <p class="problem">{pull.error}</p>;
  }
  if (pull.state === "done") {
    return null;
  }
  const megabytes = (pull.bytes / 1e6).toFixed(1);
  return (
    <div class="pull">
      <progress aria-label={`Download of ${name}`} max={pull.total_bytes ?? 1} value={pull.total_bytes ? pull.bytes : undefined} />
      <span class="muted">{pull.state === "installing" ? "Installing" : `${megabytes} MB`}</span>
    </div>
  );
}

/** Reads the events of a download to its end. Not by an EventSource, which takes no header for the key. */
async function follow(name: string, signal: AbortSignal, told: (pull: Pull) => void) {
  const response = await request(`models/${encodeURIComponent(name)}/pull`, { signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) {
      return;
    }
    text += chunk.value;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      if (event.startsWith("data: ")) {
        told(JSON.parse(event.slice("data: ".length)) as Pull);
      }
    }
  }
}
