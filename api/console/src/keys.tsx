import { useRef, useState } from "preact/hooks";
import { get, request } from "./api";
import { day, time } from "./format";
import { Copy, Dialog, Failure, Icon, Loading, Stale, usePolling } from "./ui";

const POLL_MS = 5000;
const SCOPES = ["read", "send", "webhook", "admin"] as const;
const MEANINGS: Record<string, string> = {
  read: "transcripts",
  send: "audio",
  webhook: "a session's own receiver",
  admin: "everybody's sessions, calls, keys",
};

interface Key {
  name: string;
  owner: string;
  scopes: string[];
  /** A key of the settings cannot be revoked here. */
  source: "settings" | "store";
  open?: number;
  created_at?: string;
  created_by?: string;
}

/** The keys that are let in; makes and revokes those of the store. */
export function Keys() {
  const [keys, setKeys] = useState<Key[]>();
  const [made, setMade] = useState<{ name: string; key: string }>();
  const [revoked, setRevoked] = useState<string>();
  const [problem, setProblem] = useState("");
  const [failure, setFailure] = useState<unknown>();
  const [round, setRound] = useState(0);
  usePolling(
    async (signal) => {
      try {
        setKeys((await get<{ keys: Key[] }>("keys", signal)).keys);
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
  const revoke = async (name: string) => {
    setRevoked(undefined);
    setProblem("");
    try {
      await request(`keys/${encodeURIComponent(name)}`, { method: "DELETE" });
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
    setRound(round + 1);
  };
  return (
    <>
      <h2>Keys</h2>
      {!keys && failure === undefined && <Loading what="the keys" />}
      {!keys && failure !== undefined && <Failure failure={failure} again={() => setRound(round + 1)} />}
      {keys && failure !== undefined && <Stale failure={failure} />}
      {keys?.length === 0 && (
        <p class="muted">
          No key is asked for. Make the first one with <code>./linescribe keys new NAME</code>; further ones can be made here.
        </p>
      )}
      {keys && keys.length > 0 && (
        <>
          <Table keys={keys} onRevoke={setRevoked} />
          <NewKey
            onMade={(name, key) => {
              setMade({ name, key });
              setRound(round + 1);
            }}
          />
        </>
      )}
      <div role="status">
        {made && (
          <div class="made">
            <p>
              <strong>{made.name}</strong>: copy the key now. It is shown this once and kept nowhere.
            </p>
            <p class="made-key">
              <code>{made.key}</code>
              <Copy text={made.key} label="Copy the key" />
            </p>
            <button type="button" onClick={() => setMade(undefined)}>
              Done
            </button>
          </div>
        )}
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {revoked !== undefined && (
        <Dialog title={`Revoke ${revoked}?`} action="Revoke" onClose={(confirmed) => (confirmed ? void revoke(revoked) : setRevoked(undefined))}>
          <p>Whoever uses this key is turned away within seconds, on all nodes. What it has open goes on to its end.</p>
        </Dialog>
      )}
    </>
  );
}

function Table({ keys, onRevoke }: { keys: Key[]; onRevoke: (name: string) => void }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Keys">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Owner</th>
            <th scope="col">Scopes</th>
            <th scope="col">Open requests</th>
            <th scope="col">Made</th>
            <th scope="col">
              <span class="hidden">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.name}>
              <td>{key.name}</td>
              <td>{key.owner === key.name ? "itself" : key.owner}</td>
              <td>{key.scopes.join(", ")}</td>
              <td>{key.open ?? ""}</td>
              <td>{key.created_at ? `${day(key.created_at)} ${time(key.created_at)}, ${key.created_by}` : "in the settings"}</td>
              <td>
                {key.source === "store" && (
                  <button type="button" class="danger small" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key.name)}>
                    Revoke
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewKey({ onMade }: { onMade: (name: string, key: string) => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState("");
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    setProblem("");
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      const response = await request("keys", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          name: String(data.get("name")).trim(),
          owner: String(data.get("owner")).trim() || undefined,
          scopes: data.getAll("scopes"),
        }),
      });
      const made = (await response.json()) as { name: string; key: string };
      form.current?.reset();
      onMade(made.name, made.key);
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
  };
  return (
    <form ref={form} class="new-key" aria-label="New key" onSubmit={(event) => void make(event)}>
      <label>
        <span>Name</span>
        <input type="text" name="name" required maxLength={64} pattern="[A-Za-z0-9._\-]+" title="A-Z a-z 0-9 . _ -" autocomplete="off" />
      </label>
      <label>
        <span>Owner of its sessions</span>
        <input type="text" name="owner" maxLength={64} pattern="[A-Za-z0-9._\-]+" title="A-Z a-z 0-9 . _ -" placeholder="the key itself" autocomplete="off" />
      </label>
      <fieldset>
        <legend>Scopes</legend>
        {SCOPES.map((scope) => (
          <label key={scope} class="check">
            <input type="checkbox" name="scopes" value={scope} defaultChecked={scope === "read"} />
            <span>
              {scope} <span class="muted">{MEANINGS[scope]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary">
        <Icon name="key" /> Make a key
      </button>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
