/**
 * Takes the microphone's samples at the device's rate, and hands over 20 ms of 8 kHz mu-law at a time. Runs on the
 * browser's audio thread.
 */
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const RATE_HZ = 8000;
const FRAME_SAMPLES = 160;
const BIAS = 0x84;
const CLIP = 32635;

/** Source: ITU-T G.711, mu-law, by its segments. */
function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(CLIP, Math.abs(sample)) + BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** A low pass of a windowed sinc below 4 kHz, so that nothing above it folds down into speech. */
class Resampler {
  private static readonly HALF = 24;
  private readonly step = sampleRate / RATE_HZ;
  private readonly cutoff = Math.min(0.5, (0.46 * RATE_HZ) / sampleRate);
  private readonly history: number[] = new Array<number>(2 * Resampler.HALF).fill(0);
  private at: number = Resampler.HALF;

  push(samples: Float32Array, take: (sample: number) => void) {
    for (const sample of samples) {
      this.history.push(sample);
    }
    while (this.at + Resampler.HALF < this.history.length) {
      take(this.value(this.at));
      this.at += this.step;
    }
    const done = Math.floor(this.at) - Resampler.HALF;
    if (done > 0) {
      this.history.splice(0, done);
      this.at -= done;
    }
  }

  private value(at: number): number {
    const middle = Math.floor(at);
    let sum = 0;
    let weights = 0;
    for (let i = middle - Resampler.HALF + 1; i <= middle + Resampler.HALF; i++) {
      const x = i - at;
      const angle = 2 * Math.PI * this.cutoff * x;
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
      const weight = sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / Resampler.HALF));
      sum += weight * (this.history[i] ?? 0);
      weights += weight;
    }
    return sum / weights;
  }
}

class Microphone extends AudioWorkletProcessor {
  private readonly resampler = new Resampler();
  private frame = new Uint8Array(FRAME_SAMPLES);
  private filled = 0;
  private peak = 0;

  process(inputs: Float32Array[][]): boolean {
    const samples = inputs[0]?.[0];
    if (samples) {
      this.resampler.push(samples, (sample) => {
        this.peak = Math.max(this.peak, Math.abs(sample));
        this.frame[this.filled++] = muLaw(Math.round(Math.max(-1, Math.min(1, sample)) * 32767));
        if (this.filled === FRAME_SAMPLES) {
          this.port.postMessage({ frame: this.frame.buffer, peak: this.peak }, [this.frame.buffer]);
          this.frame = new Uint8Array(FRAME_SAMPLES);
          this.filled = 0;
          this.peak = 0;
        }
      });
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
