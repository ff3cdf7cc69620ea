import workletUrl from "./microphone-worklet.ts?worker&url";
import { socketUrl } from "./api";

export interface MicrophoneListener {
  /** 0 to 1, for each 20 ms. */
  onLevel(peak: number): void;
  /** Whether the line is lost, or so slow that it falls behind; what is spoken waits here then. */
  onLine(lost: boolean): void;
  /** Everything is sent, or cannot be; empty where it was meant to end. */
  onEnd(reason: string): void;
}

const FRAME_BYTES = 160;
const BYTES_PER_MS = 8;
/** So long what is spoken waits for a line that is lost or slow. */
const MAX_BEHIND_MS = 60_000;
const SLOW_MS = 4000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 4000;
const NORMAL = 1000;
/** To come again would not help: a bad request, too large, another source took or has the session. */
const REFUSED = [1000, 1008, 1009, 4001, 4009];

/**
 * The microphone's audio on its way to {@code /ws/transcribe}. A line that is lost is made again: the session goes on, and
 * what was spoken meanwhile is sent first.
 */
export class Microphone {
  private socket: WebSocket;
  /** 20 ms each, not given to a socket yet. */
  private waiting: ArrayBuffer[] = [];
  /** What was given to the socket, newest last, and may not have left the browser. */
  private given: ArrayBuffer[] = [];
  private lostAtMs: number | undefined;
  private slow = false;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private over = false;
  private readonly hurry = () => {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      void this.reconnect();
    }
  };

  private constructor(
    readonly sessionId: string,
    private readonly media: MediaStream,
    private readonly context: AudioContext,
    socket: WebSocket,
    private readonly listener: MicrophoneListener,
  ) {
    this.socket = socket;
    this.use(socket);
    window.addEventListener("online", this.hurry);
  }

  static async start(sessionId: string, listener: MicrophoneListener): Promise<Microphone> {
    if (!navigator.mediaDevices) {
      throw new Error("The browser gives the microphone to pages of this machine and of https addresses only.");
    }
    const media = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(workletUrl);
      const microphone = new Microphone(sessionId, media, context, await connect(sessionId), listener);
      const node = new AudioWorkletNode(context, "microphone", { numberOfInputs: 1, numberOfOutputs: 0 });
      context.createMediaStreamSource(media).connect(node);
      node.port.onmessage = ({ data }: MessageEvent<{ frame: ArrayBuffer; peak: number }>) => microphone.spoken(data.frame, data.peak);
      return microphone;
    } catch (failed) {
      media.getTracks().forEach((track) => track.stop());
      void context.close();
      throw failed;
    }
  }

  /** Ends the audio, once what waits is sent; the gateway flushes the open utterance into a final. */
  stop() {
    if (!this.stopped) {
      this.stopped = true;
      this.release();
      this.send();
    }
  }

  private spoken(frame: ArrayBuffer, peak: number) {
    if (!this.stopped) {
      this.listener.onLevel(peak);
      this.waiting.push(frame);
      this.send();
    }
  }

  private send() {
    if (this.over || this.socket.readyState !== WebSocket.OPEN) {
      return;
    }
    for (const frame of this.waiting) {
      this.socket.send(frame);
    }
    this.given.push(...this.waiting);
    this.waiting = [];
    const unsentBytes = this.socket.bufferedAmount;
    this.given = lastFrames(this.given, unsentBytes);
    if (this.stopped) {
      this.socket.close(NORMAL);
    } else if (unsentBytes > MAX_BEHIND_MS * BYTES_PER_MS) {
      this.end("The line to the gateway is too slow for live audio.");
      this.socket.close();
    } else {
      this.tell(unsentBytes > SLOW_MS * BYTES_PER_MS);
    }
  }

  private tell(slow: boolean) {
    if (slow !== this.slow) {
      this.slow = slow;
      this.listener.onLine(slow);
    }
  }

  private use(socket: WebSocket) {
    this.socket = socket;
    socket.onclose = (event) => {
      if (this.over) {
        return;
      }
      if (this.stopped && event.wasClean && event.code === NORMAL) {
        this.end("");
      } else if (REFUSED.includes(event.code)) {
        this.end(event.reason || `The gateway ended the audio (${event.code}).`);
      } else {
        this.lost(socket.bufferedAmount);
      }
    };
  }

  private lost(unsentBytes: number) {
    this.waiting.unshift(...lastFrames(this.given, unsentBytes));
    this.given = [];
    if (this.stopped && this.waiting.length === 0) {
      this.end("");
      return;
    }
    this.lostAtMs ??= Date.now();
    this.tell(true);
    if (Date.now() - this.lostAtMs > MAX_BEHIND_MS) {
      this.end("The connection to the gateway was lost for too long.");
      return;
    }
    const waitMs = this.retryMs * (0.75 + Math.random() / 2);
    this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
    this.timer = setTimeout(() => void this.reconnect(), waitMs);
  }

  private async reconnect() {
    this.timer = undefined;
    let socket: WebSocket;
    try {
      socket = await connect(this.sessionId);
    } catch {
      if (!this.over) {
        this.lost(0);
      }
      return;
    }
    if (this.over) {
      socket.close(NORMAL);
      return;
    }
    this.lostAtMs = undefined;
    this.retryMs = FIRST_RETRY_MS;
    this.use(socket);
    this.tell(false);
    this.send();
  }

  private end(reason: string) {
    this.over = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.hurry);
    this.release();
    this.listener.onEnd(reason);
  }

  private release() {
    this.media.getTracks().forEach((track) => track.stop());
    if (this.context.state !== "closed") {
      void this.context.close();
    }
  }
}

/** The newest frames that make up so many bytes. */
function lastFrames(frames: ArrayBuffer[], bytes: number): ArrayBuffer[] {
  return frames.slice(frames.length - Math.min(frames.length, Math.ceil(bytes / FRAME_BYTES)));
}

function connect(sessionId: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl(`ws/transcribe/${encodeURIComponent(sessionId)}`, { codec: "pcmu" }));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => resolve(socket);
    socket.onclose = (event) => reject(new Error(event.reason || "The gateway does not take audio now."));
  });
}
