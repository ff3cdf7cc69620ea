package org.linescribe.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.linescribe.media.resample.Resampler;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 20 ms of audio between 8 and 16 kHz: polyphase against a filter of the same 71 coefficients that
 * runs over the input with zeros stuffed in.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResamplerBenchmark {
  private static final int SAMPLES = 160;
  private static final int TAPS = 71;

  private final Resampler doubler = Resampler.telephony(8000, 16_000);
  private final Resampler halver = Resampler.telephony(16_000, 8000);
  private final Resampler fromMusic = new Resampler(44_100, 16_000);
  private final short[] low = new short[SAMPLES];
  private final short[] low16k = new short[2 * SAMPLES];
  private final short[] music = new short[882];
  private final float[] high = new float[1000];
  private final float[] taps = new float[TAPS];
  private final float[] stuffed = new float[TAPS - 1 + 2 * SAMPLES];

  public ResamplerBenchmark() {
    Random random = new Random(1);
    for (int i = 0; i < SAMPLES; i++) {
      low[i] = (short) random.nextInt(1 << 16);
    }
    for (int k = 0; k < TAPS; k++) {
      taps[k] = random.nextFloat(-1f, 1f);
    }
  }

  @Benchmark
  public float[] doubleByPolyphase() {
    doubler.process(low, 0, SAMPLES, high, 0);
    return high;
  }

  @Benchmark
  public float[] baseline_doubleByPlainFilter() {
    System.arraycopy(stuffed, 2 * SAMPLES, stuffed, 0, TAPS - 1);
    for (int i = 0; i < SAMPLES; i++) {
      stuffed[TAPS - 1 + 2 * i] = low[i];
    }
    for (int i = 0; i < 2 * SAMPLES; i++) {
      float sum = 0;
      for (int k = 0; k < TAPS; k++) {
        sum += taps[k] * stuffed[TAPS - 1 + i - k];
      }
      high[i] = sum;
    }
    return high;
  }

  @Benchmark
  public float[] halveByPolyphase() {
    halver.process(low16k, 0, 2 * SAMPLES, high, 0);
    return high;
  }

  @Benchmark
  public float[] from44100() {
    fromMusic.process(music, 0, music.length, high, 0);
    return high;
  }
}
