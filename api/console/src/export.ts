import type { Segment, Session } from "./types";
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

/** The transcript as a file of a format. Source of VTT: W3C WebVTT §4; its voice spans name the legs. */
export function render(format: Format, session: Session, segments: Segment[]): string {
  const several = new Set(segments.map((segment) => segment.leg)).size > 1;
  const said = (segment: Segment) => (several ? `${segment.leg}: ` : "") + segment.text;
  switch (format) {
    case "txt":
      return [
        title(session),
        `${session.session_id}, ${session.started_at}`,
        "",
        ...segments.map((segment) => `[${clock(segment.start_ms, ".").slice(0, 8)}] ${oneLine(said(segment))}`),
        "",
      ].join("\n");
    case "srt":
      return segments
        .map(
          (segment, at) =>
            `${at + 1}\n${clock(segment.start_ms, ",")} --> ${clock(segment.end_ms, ",")}\n${cue(said(segment))}\n`,
        )
        .join("\n");
    case "vtt":
      return (
        "WEBVTT\n\n" +
        segments
          .map(
            (segment) =>
              `${segment.seq}\n${clock(segment.start_ms, ".")} --> ${clock(segment.end_ms, ".")}\n<v ${escaped(cue(segment.leg))}>${escaped(cue(segment.text))}</v>\n`,
          )
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
