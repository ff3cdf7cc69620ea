package org.linescribe.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.linescribe.media.g711.G711Law;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** 20 ms of G.711: decoding by table against decoding by arithmetic, and encoding. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class G711Benchmark {
  private static final int SAMPLES = 160;

  private final byte[] codes = new byte[SAMPLES];
  private final short[] pcm = new short[SAMPLES];
  private final short[] decoded = new short[SAMPLES];
  private final byte[] encoded = new byte[SAMPLES];

  public G711Benchmark() {
    new Random(1).nextBytes(codes);
    G711Law.PCMU.decode(codes, 0, SAMPLES, pcm, 0);
  }

  @Benchmark
  public short[] decodeByTable() {
    G711Law.PCMU.decode(codes, 0, SAMPLES, decoded, 0);
    return decoded;
  }

  @Benchmark
  public short[] baseline_decodeByArithmetic() {
    for (int i = 0; i < SAMPLES; i++) {
      int inverted = ~codes[i] & 0xFF;
      int magnitude = ((((inverted & 0x0F) << 3) + 132) << (inverted >> 4 & 7)) - 132;
      decoded[i] = (short) (inverted >> 7 == 0 ? magnitude : -magnitude);
    }
    return decoded;
  }

  @Benchmark
  public byte[] encodeByTable() {
    G711Law.PCMU.encode(pcm, 0, SAMPLES, encoded, 0);
    return encoded;
  }
}
