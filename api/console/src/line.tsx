import { count, day, time } from "./format";
import { Badge } from "./ui";

export interface Line {
  trunks: Trunk[];
  registrations: Registration[];
}

interface Trunk {
  name: string;
  calls: number;
  /** 0: only the gateway's own limit. */
  max_calls: number;
  refused: number;
  last_refused_at?: string;
  last_refusal?: string;
  /** Absent where nobody asks it whether it is there. */
  peer?: { state: "up" | "down"; code: number; since: string };
}

interface Registration {
  account: string;
  registrar: string;
  state: "registering" | "registered" | "refused" | "unanswered";
  code?: number;
  registered_until?: string;
  next_at?: string;
}

/** Who may call by a name, and where the gateway is an extension. */
export function LineHealth({ line }: { line: Line }) {
  return (
    <>
      <h2>Trunks</h2>
      {line.trunks.length === 0 ? (
        <p class="muted">
          None is set: <code>linescribe.line.trunks</code> tells callers apart.
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Trunks">
          <table>
            <thead>
              <tr>
                <th scope="col">Trunk</th>
                <th scope="col">Peer</th>
                <th scope="col">Calls now</th>
                <th scope="col">Refused since the start</th>
              </tr>
            </thead>
            <tbody>
              {line.trunks.map((trunk) => (
                <tr key={trunk.name}>
                  <td>{trunk.name}</td>
                  <td>{trunk.peer ? <PeerState peer={trunk.peer} /> : "not asked"}</td>
                  <td>{trunk.max_calls > 0 ? `${trunk.calls} of ${trunk.max_calls}` : trunk.calls}</td>
                  <td>
                    {trunk.refused > 0 && trunk.last_refused_at ? (
                      <Badge tone="warn">
                        {count(trunk.refused, "call", "calls")}, at last by {trunk.last_refusal} at {day(trunk.last_refused_at)} {time(trunk.last_refused_at)}
                      </Badge>
                    ) : (
                      "none"
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h2>Registrations</h2>
      {line.registrations.length === 0 ? (
        <p class="muted">
          None is set: <code>linescribe.registration.accounts</code> makes the gateway an extension of a PBX.
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Registrations">
          <table>
            <thead>
              <tr>
                <th scope="col">Account</th>
                <th scope="col">Registrar</th>
                <th scope="col">State</th>
                <th scope="col">Next REGISTER</th>
              </tr>
            </thead>
            <tbody>
              {line.registrations.map((registration) => (
                <tr key={registration.account + registration.registrar}>
                  <td>{registration.account}</td>
                  <td>{registration.registrar}</td>
                  <td>
                    <Badge tone={TONES[registration.state]}>{state(registration)}</Badge>
                  </td>
                  <td>{registration.next_at ? time(registration.next_at) : "waits for an answer"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function PeerState({ peer }: { peer: NonNullable<Trunk["peer"]> }) {
  const since = `since ${day(peer.since)} ${time(peer.since)}`;
  return peer.state === "up" ? <Badge tone="good">Up {since}</Badge> : <Badge tone="bad">Down {since}: {peer.code === 408 ? "no answer" : peer.code}</Badge>;
}

const TONES = { registering: "quiet", registered: "good", refused: "bad", unanswered: "warn" } as const;

function state(registration: Registration): string {
  switch (registration.state) {
    case "registering":
      return "Registering";
    case "registered":
      return `Registered${registration.registered_until ? ` until ${time(registration.registered_until)}` : ""}`;
    case "refused":
      return `Refused with ${registration.code}`;
    case "unanswered":
      return "Not answered";
  }
}
