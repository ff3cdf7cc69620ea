package org.linescribe.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.linescribe.media.resample.HalfBandDoubler;
import org.linescribe.media.resample.HalfBandHalver;
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
public class HalfBandBenchmark {
  private static final int SAMPLES = 160;
  private static final int TAPS = 71;

  private final HalfBandDoubler doubler = new HalfBandDoubler();
  private final HalfBandHalver halver = new HalfBandHalver();
  private final float[] low = new float[SAMPLES];
  private final float[] high = new float[2 * SAMPLES];
  private final float[] taps = new float[TAPS];
  private final float[] stuffed = new float[TAPS - 1 + 2 * SAMPLES];

  public HalfBandBenchmark() {
    Random random = new Random(1);
    for (int i = 0; i < SAMPLES; i++) {
      low[i] = random.nextFloat(-1f, 1f);
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
    halver.process(high, 0, 2 * SAMPLES, low, 0);
    return low;
  }
}
