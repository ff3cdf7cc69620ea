import { useState } from "preact/hooks";
import { get } from "./api";
import { Catalogue } from "./catalogue";
import { count } from "./format";
import { Badge, Failure, Icon, Loading, Notice, Stale, usePolling } from "./ui";

const POLL_MS = 5000;

/** A recogniser of this node, as /health tells. */
interface Provider {
  state: "up" | "saturated" | "failing" | "not_configured";
  model?: string;
  language?: string;
  open_streams?: number;
  backlog_ms?: number;
  failures?: number;
  last_failure?: string;
}

export function Models() {
  const [providers, setProviders] = useState<[string, Provider][]>();
  const [failure, setFailure] = useState<unknown>();
  const [round, setRound] = useState(0);
  usePolling(
    async (signal) => {
      try {
        const health = await get<{ providers?: Record<string, Provider> }>("health", signal);
        setProviders(Object.entries(health.providers ?? {}));
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
  return (
    <section aria-labelledby="page">
      <header class="page-head">
        <h1 id="page">Models</h1>
      </header>
      {!providers && failure === undefined && <Loading what="models" />}
      {!providers && failure !== undefined && <Failure failure={failure} again={() => setRound(round + 1)} />}
      {providers && failure !== undefined && <Stale failure={failure} />}
      {providers?.length === 0 && (
        <Notice icon="models" title="No recogniser">
          <p>This gateway recognises nothing.</p>
        </Notice>
      )}
      {providers && providers.length > 0 && (
        <ul class="cards">
          {providers.map(([name, provider], at) => (
            <Card key={name} name={name} provider={provider} first={at === 0} />
          ))}
        </ul>
      )}
      <Catalogue />
    </section>
  );
}

const STATES = {
  up: ["good", "Ready"],
  saturated: ["warn", "Behind real time"],
  failing: ["bad", "Failing"],
  not_configured: ["quiet", "Not configured"],
} as const;

function Card({ name, provider, first }: { name: string; provider: Provider; first: boolean }) {
  const [tone, text] = STATES[provider.state];
  const facts: [string, string][] = [["Provider", name]];
  if (provider.language) {
    facts.push(["Language", provider.language === "mul" ? "many" : provider.language]);
  }
  if (provider.open_streams !== undefined) {
    facts.push(["Streams now", String(provider.open_streams)], ["Behind", `${provider.backlog_ms ?? 0} ms`]);
  }
  return (
    <li class={provider.state === "not_configured" ? "card over" : "card"}>
      <div class="card-head">
        <Icon name="models" />
        <span class="card-title">{provider.model ?? name}</span>
        {first && <Badge tone="quiet">Default</Badge>}
      </div>
      <dl class="facts small">
        {facts.map(([fact, value]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {provider.last_failure && <p class="problem">{provider.last_failure}</p>}
      <footer class="card-foot">
        <Badge tone={tone}>{text}</Badge>
        {provider.failures ? <span>{count(provider.failures, "failure", "failures")}</span> : null}
      </footer>
    </li>
  );
}
