import { useState } from "preact/hooks";
import { request } from "./api";
import { count } from "./format";
import { sessionHref } from "./route";
import { Badge, Icon } from "./ui";

interface Report {
  recording: string;
  session_id: string;
  outcome: string;
  failure?: string;
  text: string;
  words?: number;
  word_errors?: number;
  first_text_ms?: number;
  final_ms: number[];
  finals: number;
  lost: number;
  repeated: number;
  out_of_order: number;
  packets_sent: number;
  packets_late: number;
}

const OUTCOMES: Record<string, string> = {
  transcribed: "Transcribed",
  numbers_wrong: "Numbers wrong",
  no_transcript: "No transcript",
  broken: "Broken off",
  refused: "Refused",
  unreachable: "Not reached",
};

/** A call by the gateway's own call tool, with what it measured. */
export function TestCall() {
  const [busy, setBusy] = useState(false);
  const [report, setReport] = useState<Report>();
  const [problem, setProblem] = useState("");
  const place = async () => {
    setBusy(true);
    setProblem("");
    setReport(undefined);
    try {
      setReport((await (await request("system/test-call", { method: "POST" })).json()) as Report);
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    } finally {
      setBusy(false);
    }
  };
  return (
    <article class="panel" aria-labelledby="testcall">
      <h2 id="testcall">
        <Icon name="phone" /> Test call
      </h2>
      <p class="muted">The gateway calls itself over SIP and RTP with a recording and measures what comes. Needs the scope admin.</p>
      <p>
        <button type="button" class="primary" disabled={busy} onClick={() => void place()}>
          <Icon name="phone" /> {busy ? "Calling …" : "Place a test call"}
        </button>
      </p>
      <p class="hidden" role="status">
        {busy ? "The call is on" : report ? "The call has ended" : ""}
      </p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {report && <Measured report={report} />}
    </article>
  );
}

function Measured({ report }: { report: Report }) {
  const slowest = Math.max(...report.final_ms);
  const numbers = [
    [report.lost, "lost"],
    [report.repeated, "repeated"],
    [report.out_of_order, "out of order"],
  ].filter(([many]) => many !== 0);
  const facts: [string, string][] = [
    ["Recording", report.recording],
    ...(report.words === undefined || report.word_errors === undefined
      ? []
      : ([["Words", `${report.word_errors} of ${report.words} wrong`]] as [string, string][])),
    ...(report.first_text_ms === undefined ? [] : ([["First text", `${report.first_text_ms} ms after speech began`]] as [string, string][])),
    ...(report.final_ms.length === 0 ? [] : ([["Finals", `at most ${slowest} ms after speech ended`]] as [string, string][])),
    ["Numbers", `${count(report.finals, "final", "finals")}, ${numbers.length === 0 ? "none lost or repeated" : numbers.map((one) => one.join(" ")).join(", ")}`],
    ["Audio", `${count(report.packets_sent, "packet", "packets")}, ${report.packets_late} sent late by this machine`],
  ];
  return (
    <section aria-label="Report of the test call">
      <p>
        <Badge tone={report.outcome === "transcribed" ? "good" : "bad"}>{OUTCOMES[report.outcome] ?? report.outcome}</Badge>
      </p>
      {report.failure && <p class="problem">{report.failure}</p>}
      {report.text && <blockquote class="heard">{report.text}</blockquote>}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {report.finals > 0 && <a href={sessionHref(report.session_id)}>Open the transcript</a>}
    </section>
  );
}
