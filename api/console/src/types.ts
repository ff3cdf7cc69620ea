/** What the gateway's APIs answer; see /openapi.json and /asyncapi.json. */
export interface Session {
  session_id: string;
  kind: string;
  legs: string[];
  started_at: string;
  ended_at: string | null;
  end_reason: string | null;
  last_seq: number;
  live: boolean;
  /** Name of the node that has it: in a list of all nodes; of one session only where it is another one. */
  node?: string;
  attributes: Record<string, string>;
  /** Moments that somebody marked, by their time. */
  marks?: Mark[];
}

export interface Mark {
  at_ms: number;
  text: string;
}

export interface FleetNode {
  name: string;
  self: boolean;
  /** Whether its sessions are in the list. */
  answered: boolean;
}

export interface LivePage {
  sessions: Session[];
  /** Absent of a node of an earlier version. */
  nodes?: FleetNode[];
}

export interface SessionPage {
  sessions: Session[];
  next_before?: string;
}

export interface Token {
  text: string;
  start_ms: number;
  probability?: number;
}

export interface Segment {
  seq: number;
  leg: string;
  text: string;
  start_ms: number;
  end_ms: number;
  confidence?: number;
  model: string;
  /** What a model of several languages found. */
  language?: string;
  created_at: string;
  tokens?: Token[];
  /** Who spoke, where the source names the parties of its legs. */
  participant?: { name?: string; aor?: string; role?: string };
}

export interface SegmentPage {
  session_id: string;
  segments: Segment[];
  next_from_seq?: number;
}

export interface Partial {
  seq: number;
  leg: string;
  text: string;
  start_ms: number;
  end_ms: number;
  /** How many characters of the text will not change any more, where the recogniser tells. */
  stable_chars?: number;
}

export type TranscriptEvent =
  | ({ type: "partial" } & Partial)
  | ({ type: "final" } & Segment)
  | { type: "ended"; seq: number; reason: string };
