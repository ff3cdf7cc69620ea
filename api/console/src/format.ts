import type { Session } from "./types";

/** 65_000 → "1:05"; hours where there are any. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const seconds = String(total % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export function time(iso: string): string {
  return TIME.format(new Date(iso));
}

/** "Today", "Yesterday", or the day. */
export function day(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((midnight.getTime() - new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()) / 86_400_000);
  if (days === 0) {
    return "Today";
  }
  if (days === 1) {
    return "Yesterday";
  }
  return (at.getFullYear() === now.getFullYear() ? DAY : DAY_OF_YEAR).format(at);
}

/** A party of a call as a person reads it: the display name, or the user part of the address, without its tag. */
export function party(address: string | undefined): string {
  if (!address) {
    return "";
  }
  const named = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>/.exec(address);
  const display = named ? (named[1]?.replace(/\\(.)/g, "$1") ?? named[2] ?? "") : "";
  if (display.trim()) {
    return display.trim();
  }
  const uri = named ? (named[3] ?? "") : (address.split(";")[0] ?? "");
  const user = /^sips?:([^@]+)@/i.exec(uri.trim())?.[1] ?? uri.replace(/^(sips?|tel):/i, "").split(";")[0] ?? "";
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

const KINDS: Record<string, string> = {
  sip: "Call",
  siprec: "Recorded call",
  websocket: "WebSocket",
  stt: "Speech stream",
  file: "File",
  audio: "Audio session",
  socketio: "Socket.IO",
};

export function kind(session: Session): string {
  return KINDS[session.kind] ?? session.kind;
}

/** What a session is called in a list. */
export function title(session: Session): string {
  const from = party(session.attributes["from"]);
  const to = party(session.attributes["to"]);
  if (from && to) {
    return `${from} → ${to}`;
  }
  return from || to || session.attributes["file_name"] || session.session_id;
}

export function lengthMs(session: Session, nowMs: number): number {
  return (session.ended_at ? Date.parse(session.ended_at) : nowMs) - Date.parse(session.started_at);
}

const REASONS: Record<string, string> = {
  bye: "hung up",
  hangup: "hung up by an operator",
  "end of file": "file read to its end",
  draining: "gateway shut down",
  superseded: "taken over by another source",
};

export function endReason(reason: string | null): string {
  return reason === null ? "" : (REASONS[reason] ?? reason);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
