package org.linescribe.asr.chunked;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

class ChunkedSilenceTest {
  private static final int RATE = 16_000;
  private static final int HOUR = 3600 * RATE;

  @Test
  void anHourOfSilenceIsNeitherHeldInMemoryNorDecoded() throws Exception {
    Counting counting = new Counting();
    try (ChunkedRecogniser chunked = new ChunkedRecogniser(counting, 8, Duration.ofSeconds(5));
        FedStream stream = FedStream.open(chunked, StreamOptions.defaults(), new Nobody())) {
      stream.accept(new float[RATE], 0, RATE);
      stream.skip(HOUR);
      stream.accept(new float[RATE], 0, RATE);
      stream.skip(HOUR);
      stream.skip(HOUR);
      stream.accept(new float[RATE], 0, RATE);
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }

    assertThat(counting.samples.get()).isLessThan(12L * RATE);
    assertThat(counting.startsMs)
        .hasSize(3)
        .containsExactly(0L, 3_601_000L - 300, 2 * 3_600_000L + 3_600_000 + 2000 - 300);
  }

  /** Takes everything and recognises nothing. */
  private static final class Counting implements Recogniser {
    final AtomicLong samples = new AtomicLong();
    final AtomicInteger open = new AtomicInteger();
    final List<Long> startsMs = new CopyOnWriteArrayList<>();

    @Override
    public RecogniserInfo info() {
      return new RecogniserInfo("counting", "none", "en", RATE);
    }

    @Override
    public RecogniserLoad load() {
      return new RecogniserLoad(open.get(), 0, false);
    }

    @Override
    public RecogniserStream open(
        LegReader audio, StreamOptions options, RecogniserListener listener) {
      open.incrementAndGet();
      startsMs.add(audio.ms(audio.position()));
      audio.bound(RATE);
      audio.onAudio(() -> samples.addAndGet(audio.read(new short[RATE], RATE)));
      return new RecogniserStream() {
        @Override
        public CompletionStage<Void> flush() {
          return CompletableFuture.completedStage(null);
        }

        @Override
        public void close() {
          open.decrementAndGet();
        }
      };
    }

    @Override
    public void close() {}
  }

  private static final class Nobody implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {}

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {}

    @Override
    public void onFailure(RecogniserException failure) {}
  }
}
