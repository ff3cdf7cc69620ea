package org.linescribe.asr.stream;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserLoad;

/**
 * A recogniser's load, measured again when it is old. Every stream is looked at for it, and every
 * source and newcomer asks for it: measured each time it would cost the square of the streams.
 *
 * <p>Thread: any.
 */
public final class LoadSample {
  private static final long MAX_AGE_NS = 20_000_000;

  private @Nullable Sample last;

  private record Sample(RecogniserLoad load, long atNs) {}

  /**
   * @param nowNs by {@link System#nanoTime}
   * @param measure given that time; one at a time
   */
  public synchronized RecogniserLoad get(long nowNs, LongFunction<RecogniserLoad> measure) {
    Sample known = last;
    if (known == null || nowNs - known.atNs > MAX_AGE_NS) {
      known = new Sample(measure.apply(nowNs), nowNs);
      last = known;
    }
    return known.load;
  }
}
