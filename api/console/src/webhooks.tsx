import { useState } from "preact/hooks";
import { get, request } from "./api";
import { count, day, time } from "./format";
import { sessionHref } from "./route";
import { Badge, Failure, Loading, Stale, usePolling } from "./ui";

const POLL_MS = 5000;
/** Of the oldest dead letters; a thousand rows help nobody. */
const SHOWN = 50;

interface Endpoint {
  name: string;
  pending_sessions: number;
  dead_letters: number;
  last_failure?: string | null;
}

interface DeadLetter {
  id: string;
  endpoint: string;
  type: string;
  session_id: string;
  seq: number;
  reason: string;
  at: string;
}

/** How the receivers of webhooks do, and what was given up, to send it again. */
export function Webhooks() {
  const [endpoints, setEndpoints] = useState<Endpoint[]>();
  const [letters, setLetters] = useState<DeadLetter[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [told, setTold] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  usePolling(
    async (signal) => {
      try {
        const found = (await get<{ endpoints: Endpoint[] }>("webhooks", signal)).endpoints;
        setEndpoints(found);
        setLetters(
          found.some((endpoint) => endpoint.dead_letters > 0)
            ? (await get<{ dead_letters: DeadLetter[] }>("webhooks/dead-letters", signal)).dead_letters
            : [],
        );
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
  if (!endpoints || endpoints.length === 0) {
    return (
      <>
        <h2>Webhooks</h2>
        {failure !== undefined ? (
          <Failure failure={failure} again={() => setRound(round + 1)} />
        ) : endpoints ? (
          <p class="muted">
            No receiver is set: <code>linescribe.webhooks.endpoints</code> tells an application of each transcript.
          </p>
        ) : (
          <Loading what="the receivers" />
        )}
      </>
    );
  }
  /** In their order, and not further where the receiver refuses one: the next would be out of order. */
  const replay = async (chosen: DeadLetter[]) => {
    setBusy(true);
    setTold("");
    setProblem("");
    let sent = 0;
    try {
      for (const letter of chosen) {
        await request(`webhooks/dead-letters/${encodeURIComponent(letter.id)}/replay`, { method: "POST" });
        sent++;
      }
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
    setTold(sent > 0 ? `${count(sent, "event was", "events were")} delivered` : "");
    setBusy(false);
    setRound(round + 1);
  };
  return (
    <>
      <h2>Webhooks</h2>
      {failure !== undefined && <Stale failure={failure} />}
      <div class="scroll" tabIndex={0} role="region" aria-label="Receivers of webhooks">
        <table>
          <thead>
            <tr>
              <th scope="col">Receiver</th>
              <th scope="col">State</th>
              <th scope="col">Sessions waiting</th>
              <th scope="col">Given up</th>
            </tr>
          </thead>
          <tbody>
            {endpoints.map((endpoint) => (
              <tr key={endpoint.name}>
                <td>{endpoint.name}</td>
                <td>{endpoint.last_failure ? <Badge tone="warn">{endpoint.last_failure}</Badge> : <Badge tone="good">Answers</Badge>}</td>
                <td>{endpoint.pending_sessions}</td>
                <td>{endpoint.dead_letters}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {letters.length > 0 && (
        <>
          <div class="tools">
            <h3>{count(letters.length, "event was given up", "events were given up")}</h3>
            <button type="button" disabled={busy} onClick={() => void replay(letters)}>
              {busy ? "Sending …" : "Send all again"}
            </button>
          </div>
          <div class="scroll" tabIndex={0} role="region" aria-label="Events that were given up">
            <table>
              <thead>
                <tr>
                  <th scope="col">Event</th>
                  <th scope="col">Session</th>
                  <th scope="col">Receiver</th>
                  <th scope="col">Given up</th>
                  <th scope="col">
                    <span class="hidden">Send again</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {letters.slice(0, SHOWN).map((letter) => (
                  <tr key={letter.endpoint + letter.id}>
                    <td>
                      {letter.type} {letter.seq}
                    </td>
                    <td>
                      <a href={sessionHref(letter.session_id)}>{letter.session_id}</a>
                    </td>
                    <td>{letter.endpoint}</td>
                    <td>
                      {day(letter.at)} {time(letter.at)}: {letter.reason}
                    </td>
                    <td>
                      <button
                        type="button"
                        class="small"
                        disabled={busy}
                        aria-label={`Send again: ${letter.type} ${letter.seq} of ${letter.session_id}`}
                        onClick={() => void replay([letter])}
                      >
                        Send again
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {letters.length > SHOWN && <p class="muted">The oldest {SHOWN} are shown.</p>}
        </>
      )}
      <p class="muted" role="status">
        {told}
      </p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
