import { ApiError, get, keyWanted, sessionPath, socketUrl } from "./api";
import type { Partial, Segment, Session, TranscriptEvent } from "./types";

export type StreamState = "connecting" | "open" | "lost" | "ended" | "gone" | "refused";

export interface StreamListener {
  onFinal(segment: Segment): void;
  /** The leg's open utterance, or undefined when it has none. */
  onPartial(leg: string, partial: Partial | undefined): void;
  onState(state: StreamState, detail: string): void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;
const NORMAL = 1000;
const BAD_REQUEST = 1008;
const NOT_FOUND = 4404;

/**
 * Follows one session by its WebSocket. A broken connection is made again from the next number on, so that no final
 * is lost, and one that comes again is left out.
 */
export class TranscriptStream {
  private socket: WebSocket | undefined;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private ended = false;
  private readonly openLegs = new Set<string>();
  private readonly hurry = () => {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.connect();
    }
  };

  constructor(
    private readonly sessionId: string,
    private nextSeq: number,
    private readonly listener: StreamListener,
    /** Also where the session is to come, or has ended and may begin again. */
    private readonly wait = false,
  ) {
    window.addEventListener("online", this.hurry);
    listener.onState("connecting", "");
    this.connect();
  }

  close() {
    this.closed = true;
    window.removeEventListener("online", this.hurry);
    clearTimeout(this.timer);
    this.socket?.close(NORMAL);
  }

  private connect() {
    this.timer = undefined;
    const path = `ws/subscribe/${encodeURIComponent(this.sessionId)}`;
    const from = { from_seq: String(this.nextSeq) };
    const socket = new WebSocket(socketUrl(path, this.wait ? { ...from, wait: "true" } : from));
    this.socket = socket;
    socket.onopen = () => {
      if (!this.closed) {
        this.retryMs = FIRST_RETRY_MS;
        this.listener.onState("open", "");
      }
    };
    socket.onmessage = (message) => {
      if (!this.closed && typeof message.data === "string") {
        this.take(JSON.parse(message.data) as TranscriptEvent);
      }
    };
    socket.onclose = (event) => {
      if (!this.closed && this.socket === socket) {
        void this.lost(event);
      }
    };
  }

  private take(event: TranscriptEvent) {
    switch (event.type) {
      case "partial":
        if (event.seq >= this.nextSeq) {
          this.ended = false;
          this.openLegs.add(event.leg);
          this.listener.onPartial(event.leg, event);
        }
        break;
      case "final":
        if (event.seq >= this.nextSeq) {
          this.nextSeq = event.seq + 1;
          this.openLegs.delete(event.leg);
          this.listener.onPartial(event.leg, undefined);
          this.listener.onFinal(event);
        }
        break;
      case "ended":
        this.ended = true;
        this.dropPartials();
        this.listener.onState("ended", event.reason);
        break;
    }
  }

  private dropPartials() {
    for (const leg of this.openLegs) {
      this.listener.onPartial(leg, undefined);
    }
    this.openLegs.clear();
  }

  private async lost(event: CloseEvent) {
    this.dropPartials();
    if (event.code === NOT_FOUND) {
      this.listener.onState("gone", "");
      return;
    }
    if (event.code === BAD_REQUEST) {
      this.listener.onState("refused", event.reason);
      return;
    }
    if (event.code === NORMAL && this.ended) {
      return;
    }
    this.listener.onState("lost", event.reason);
    // A refused upgrade looks to a page like a broken line; a request tells which it was.
    try {
      await get<Session>(sessionPath(this.sessionId));
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 404 && !this.wait) {
        if (!this.closed) {
          this.listener.onState("gone", "");
        }
        return;
      }
      if (failure instanceof ApiError && failure.status === 403) {
        if (!this.closed) {
          this.listener.onState("refused", failure.message);
        }
        return;
      }
    }
    if (!this.closed) {
      const waitMs = this.retryMs * (0.75 + Math.random() / 2);
      this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
      this.timer = setTimeout(() => this.retry(), waitMs);
    }
  }

  private retry() {
    if (keyWanted.value) {
      this.timer = setTimeout(() => this.retry(), FIRST_RETRY_MS);
    } else {
      this.connect();
    }
  }
}
