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

const BYTES_PER_MS = 8;
/** So long what is spoken waits for a line that is lost or slow. */
const MAX_BEHIND_MS = 60_000;
/** So much of what was sent is kept, for a line that breaks with it on the way. */
const KEPT_BYTES = MAX_BEHIND_MS * BYTES_PER_MS;
const SLOW_MS = 4000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 4000;
/** So long a socket may be without a message from the gateway that says where to go on; its line may have died in silence. */
const FIRST_MESSAGE_MS = 10_000;
const LOST_TOO_LONG = "The connection to the gateway was lost for too long.";
const NORMAL = 1000;
/** To come again would not help: a bad request, too large, another source took or has the session. */
const REFUSED = [1000, 1008, 1009, 4001, 4009];

/**
 * What was spoken and may have to be sent again. Positions count the bytes from the first that was spoken.
 */
class Spoken {
  private frames: ArrayBuffer[] = [];
  /** How many of the frames were given to the socket. */
  private given = 0;
  /** Position of the first frame. */
  private from = 0;
  private givenTo = 0;

  add(frame: ArrayBuffer) {
    this.frames.push(frame);
  }

  /** The oldest byte that can be sent again. */
  get heldFrom() {
    return this.from;
  }

  /** The byte after those that were given to a socket. */
  get sentTo() {
    return this.givenTo;
  }

  give(socket: WebSocket) {
    for (const frame of this.frames.slice(this.given)) {
      socket.send(frame);
      this.givenTo += frame.byteLength;
    }
    this.given = this.frames.length;
    this.forget(Math.max(this.from, this.givenTo - KEPT_BYTES));
  }

  /** The gateway has all before a position, and nothing after it. */
  goOnAt(position: number) {
    this.forget(Math.min(position, this.givenTo));
    this.given = 0;
    this.givenTo = this.from;
  }

  private forget(before: number) {
    let whole = 0;
    for (let frame = this.frames[whole]; frame && this.from + frame.byteLength <= before; frame = this.frames[++whole]) {
      this.from += frame.byteLength;
    }
    this.frames.splice(0, whole);
    this.given = Math.max(0, this.given - whole);
    const cut = this.frames[0];
    if (cut && this.from < before) {
      this.frames[0] = cut.slice(before - this.from);
      this.from = before;
    }
  }
}

/**
 * The microphone's audio on its way to {@code /ws/transcribe}. A line that is lost is made again: the session goes on at
 * the byte that the gateway asks for, so that nothing of what was on the way is missing or comes twice.
 */
export class Microphone {
  private socket: WebSocket;
  private readonly audio = new Spoken();
  /** Whether the gateway has said where this socket goes on. */
  private ready = false;
  /** Of the last socket: what never left the browser. */
  private unsentBytes = 0;
  private lostAtMs: number | undefined = Date.now();
  private slow = false;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private over = false;
  private readonly hurry = () => {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.reconnect();
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
      const microphone = new Microphone(sessionId, media, context, await opened(connect(sessionId, 0, 0)), listener);
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
      this.audio.add(frame);
      if (this.isLostTooLong()) {
        this.socket.close();
        this.end(LOST_TOO_LONG);
      } else {
        this.send();
      }
    }
  }

  private send() {
    if (this.over || !this.ready || this.socket.readyState !== WebSocket.OPEN) {
      return;
    }
    this.audio.give(this.socket);
    const unsentBytes = this.socket.bufferedAmount;
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
    this.ready = false;
    const silent = setTimeout(() => {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
      this.lost();
    }, FIRST_MESSAGE_MS);
    socket.onmessage = ({ data }) => {
      clearTimeout(silent);
      this.goOn(String(data));
    };
    socket.onclose = (event) => {
      clearTimeout(silent);
      if (this.over) {
        return;
      }
      if (this.stopped && event.wasClean && event.code === NORMAL) {
        this.end("");
      } else if (REFUSED.includes(event.code)) {
        this.end(event.reason || `The gateway ended the audio (${event.code}).`);
      } else {
        if (this.ready) {
          this.unsentBytes = socket.bufferedAmount;
        }
        this.lost();
      }
    };
  }

  /** The first message says what the session wants next; where another source has it, none does. */
  private goOn(message: string) {
    if (this.ready || this.over) {
      return;
    }
    const { type, audio_from: from } = JSON.parse(message) as { type: string; audio_from?: number };
    this.audio.goOnAt(type === "resume" && from !== undefined ? from : this.sentTo());
    this.ready = true;
    this.unsentBytes = 0;
    this.lostAtMs = undefined;
    this.retryMs = FIRST_RETRY_MS;
    this.tell(false);
    this.send();
  }

  private sentTo() {
    return Math.max(this.audio.heldFrom, this.audio.sentTo - this.unsentBytes);
  }

  private lost() {
    if (this.over) {
      return;
    }
    this.lostAtMs ??= Date.now();
    this.tell(true);
    if (this.isLostTooLong()) {
      this.end(LOST_TOO_LONG);
      return;
    }
    const waitMs = this.retryMs * (0.75 + Math.random() / 2);
    this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
    this.timer = setTimeout(() => this.reconnect(), waitMs);
  }

  private isLostTooLong() {
    return this.lostAtMs !== undefined && Date.now() - this.lostAtMs > MAX_BEHIND_MS;
  }

  private reconnect() {
    this.timer = undefined;
    this.use(connect(this.sessionId, this.audio.heldFrom, this.sentTo()));
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

function connect(sessionId: string, audioFrom: number, audioSent: number): WebSocket {
  const position = { audio_from: String(audioFrom), audio_sent: String(audioSent) };
  const socket = new WebSocket(socketUrl(`ws/transcribe/${encodeURIComponent(sessionId)}`, { codec: "pcmu", ...position }));
  socket.binaryType = "arraybuffer";
  return socket;
}

function opened(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onclose = (event) => reject(new Error(event.reason || "The gateway does not take audio now."));
  });
}
