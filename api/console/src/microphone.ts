import workletUrl from "./microphone-worklet.ts?worker&url";
import { socketUrl } from "./api";

export interface MicrophoneListener {
  /** 0 to 1, for each 20 ms. */
  onLevel(peak: number): void;
  onText(seq: number, text: string, final: boolean): void;
  /** The line is gone; empty where it was meant to. */
  onEnd(reason: string): void;
}

/** Audio that may wait in the socket before the line counts as too slow: 4 s of mu-law. */
const MAX_QUEUED_BYTES = 32_000;

/** The microphone's audio on its way to {@code /ws/transcribe}. */
export class Microphone {
  private constructor(
    readonly sessionId: string,
    private readonly media: MediaStream,
    private readonly context: AudioContext,
    private readonly socket: WebSocket,
  ) {}

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
      const socket = await connect(sessionId);
      const node = new AudioWorkletNode(context, "microphone", { numberOfInputs: 1, numberOfOutputs: 0 });
      context.createMediaStreamSource(media).connect(node);
      const microphone = new Microphone(sessionId, media, context, socket);
      node.port.onmessage = ({ data }: MessageEvent<{ frame: ArrayBuffer; peak: number }>) => {
        listener.onLevel(data.peak);
        if (socket.readyState === WebSocket.OPEN) {
          if (socket.bufferedAmount > MAX_QUEUED_BYTES) {
            microphone.release();
            socket.close();
            listener.onEnd("The line to the gateway is too slow for live audio.");
          } else {
            socket.send(data.frame);
          }
        }
      };
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as { type: string; seq: number; text: string };
        listener.onText(message.seq, message.text, message.type === "final");
      };
      socket.onclose = (event) => {
        microphone.release();
        listener.onEnd(event.code === 1000 || event.code === 1005 ? "" : event.reason || `The connection was lost (${event.code}).`);
      };
      return microphone;
    } catch (failed) {
      media.getTracks().forEach((track) => track.stop());
      void context.close();
      throw failed;
    }
  }

  /** Ends the audio; the gateway flushes the open utterance into a final. */
  stop() {
    this.release();
    this.socket.close(1000);
  }

  private release() {
    this.media.getTracks().forEach((track) => track.stop());
    if (this.context.state !== "closed") {
      void this.context.close();
    }
  }
}

function connect(sessionId: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl(`ws/transcribe/${encodeURIComponent(sessionId)}`, { codec: "pcmu" }));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => resolve(socket);
    socket.onclose = (event) => reject(new Error(event.reason || "The gateway does not take audio now."));
  });
}
