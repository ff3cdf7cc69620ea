import type { Mark, Segment, Session } from "./types";
import { title } from "./format";

export const FORMATS = ["txt", "srt", "vtt", "json"] as const;
export type Format = (typeof FORMATS)[number];

const TYPES: Record<Format, string> = {
  txt: "text/plain",
  srt: "application/x-subrip",
  vtt: "text/vtt",
  json: "application/json",
};

function clock(ms: number, fraction: string): string {
  const pad = (value: number, digits: number) => String(value).padStart(digits, "0");
  const whole = Math.floor(ms / 1000);
  return `${pad(Math.floor(whole / 3600), 2)}:${pad(Math.floor(whole / 60) % 60, 2)}:${pad(whole % 60, 2)}${fraction}${pad(Math.floor(ms) % 1000, 3)}`;
}

/** A cue must not contain a blank line, nor WebVTT's arrow. */
function cue(text: string): string {
  return oneLine(text).replace(/-->/g, "→");
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]\s*/g, " ");
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

interface Line {
  ms: number;
  text: string;
}

/** Segments and marks in the order of their begin. */
function lines(segments: Segment[], marks: Mark[], said: (segment: Segment) => string): Line[] {
  const all = segments.map((segment) => ({ ms: segment.start_ms, text: said(segment) }));
  all.push(...marks.map((mark) => ({ ms: mark.at_ms, text: marked(mark) })));
  return all.sort((a, b) => a.ms - b.ms);
}

function marked(mark: Mark): string {
  return mark.text ? `* ${mark.text}` : "* Marked";
}

function cues(segments: Segment[], marks: Mark[], said: (segment: Segment) => string): (Line & { endMs: number })[] {
  return [
    ...segments.map((segment) => ({ ms: segment.start_ms, endMs: segment.end_ms, text: said(segment) })),
    ...marks.map((mark) => ({ ms: mark.at_ms, endMs: mark.at_ms + MARK_MS, text: marked(mark) })),
  ].sort((a, b) => a.ms - b.ms);
}

/** How long a mark is shown as a cue. */
const MARK_MS = 2000;

/** The transcript as a file of a format. Source of VTT: W3C WebVTT §4; its voice spans name the legs. */
export function render(format: Format, session: Session, segments: Segment[]): string {
  const several = new Set(segments.map((segment) => segment.leg)).size > 1;
  const said = (segment: Segment) => (several ? `${segment.leg}: ` : "") + segment.text;
  const marks = session.marks ?? [];
  switch (format) {
    case "txt":
      return [
        title(session),
        `${session.session_id}, ${session.started_at}`,
        "",
        ...lines(segments, marks, said).map((line) => `[${clock(line.ms, ".").slice(0, 8)}] ${oneLine(line.text)}`),
        "",
      ].join("\n");
    case "srt":
      return cues(segments, marks, said)
        .map((one, at) => `${at + 1}\n${clock(one.ms, ",")} --> ${clock(one.endMs, ",")}\n${cue(one.text)}\n`)
        .join("\n");
    case "vtt":
      return (
        "WEBVTT\n\n" +
        [
          ...segments.map((segment) => ({
            ms: segment.start_ms,
            text: `${segment.seq}\n${clock(segment.start_ms, ".")} --> ${clock(segment.end_ms, ".")}\n<v ${escaped(cue(segment.leg))}>${escaped(cue(segment.text))}</v>\n`,
          })),
          ...marks.map((mark) => ({
            ms: mark.at_ms,
            text: `mark-${mark.at_ms}\n${clock(mark.at_ms, ".")} --> ${clock(mark.at_ms + MARK_MS, ".")}\n${escaped(cue(marked(mark)))}\n`,
          })),
        ]
          .sort((a, b) => a.ms - b.ms)
          .map((one) => one.text)
          .join("\n")
      );
    case "json":
      return `${JSON.stringify({ session, segments }, undefined, 2)}\n`;
  }
}

export function download(format: Format, session: Session, segments: Segment[]) {
  save(new Blob([render(format, session, segments)], { type: `${TYPES[format]};charset=utf-8` }), session, format);
}

/** Hands a file to the browser's downloads. A link to the gateway would leave the key in their list. */
export function save(blob: Blob, session: Session, suffix: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${session.session_id.replace(/[^\w.-]+/g, "_")}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
