import { request } from "./api";

/** A recording as it is drawn. */
export interface Waveform {
  durationMs: number;
  /** By channel, the loudest of each slice of the time, 0 to 1. */
  peaks: number[][];
}

const BARS = 300;
/** Up to here a recording is read as a whole: 8 minutes of two legs. */
const WHOLE_BYTES = 16 * 1024 * 1024;
/** Of a longer one a second in each slice stands for all of it, so that hours cost no more than minutes. */
const SAMPLED_BARS = 60;
const SAMPLE_BYTES = 32 * 1024;
const HEADER_BYTES = 4096;
const BYTES_PER_SAMPLE = 2;

/**
 * Reads a recording's shape.
 *
 * @throws ApiError where the gateway refuses it; Error where it is no WAV of 16-bit PCM
 */
export async function waveform(path: string, signal: AbortSignal): Promise<Waveform> {
  const head = await range(path, 0, HEADER_BYTES, signal);
  const { channels, sampleRateHz, dataAt } = header(head.bytes);
  const frameBytes = channels * BYTES_PER_SAMPLE;
  const frames = Math.floor((head.totalBytes - dataAt) / frameBytes);
  const durationMs = (frames * 1000) / sampleRateHz;
  if (frames === 0) {
    return { durationMs, peaks: Array.from({ length: channels }, () => []) };
  }
  if (head.totalBytes <= WHOLE_BYTES) {
    const { bytes } = await range(path, dataAt, frames * frameBytes, signal);
    const perBar = Math.max(1, Math.ceil(frames / BARS));
    return { durationMs, peaks: peaks(bytes, channels, perBar) };
  }
  const all: number[][] = Array.from({ length: channels }, () => []);
  for (let bar = 0; bar < SAMPLED_BARS; bar++) {
    const from = Math.floor((bar * frames) / SAMPLED_BARS);
    const { bytes } = await range(path, dataAt + from * frameBytes, SAMPLE_BYTES, signal);
    peaks(bytes, channels, Number.MAX_SAFE_INTEGER).forEach((found, channel) => all[channel]?.push(found[0] ?? 0));
  }
  return { durationMs, peaks: all };
}

async function range(path: string, from: number, length: number, signal: AbortSignal) {
  const response = await request(path, { headers: { Range: `bytes=${from}-${from + length - 1}` }, signal });
  const bytes = new DataView(await response.arrayBuffer());
  const total = /\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1];
  return { bytes, totalBytes: total === undefined ? bytes.byteLength : Number(total) };
}

/** Source: RIFF WAVE, chunks of a four-character name and a little-endian length. */
function header(bytes: DataView) {
  const name = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((i) => bytes.getUint8(at + i)));
  let format: { channels: number; sampleRateHz: number } | undefined;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const length = bytes.getUint32(at + 4, true);
    if (name(at) === "fmt ") {
      format = { channels: bytes.getUint16(at + 10, true), sampleRateHz: bytes.getUint32(at + 12, true) };
    } else if (name(at) === "data" && format) {
      return { ...format, dataAt: at + 8 };
    }
    at += 8 + length + (length % 2);
  }
  throw new Error("The recording is no WAV file.");
}

function peaks(bytes: DataView, channels: number, framesPerBar: number): number[][] {
  const found: number[][] = Array.from({ length: channels }, () => []);
  const frames = Math.floor(bytes.byteLength / (channels * BYTES_PER_SAMPLE));
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, frames * channels);
  for (let from = 0; from < frames; from += framesPerBar) {
    const to = Math.min(frames, from + framesPerBar);
    for (let channel = 0; channel < channels; channel++) {
      let peak = 0;
      for (let frame = from; frame < to; frame++) {
        peak = Math.max(peak, Math.abs(samples[frame * channels + channel] ?? 0));
      }
      found[channel]?.push(peak / 32768);
    }
  }
  return found;
}
