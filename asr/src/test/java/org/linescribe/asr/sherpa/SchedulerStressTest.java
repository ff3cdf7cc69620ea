package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;

/** Many callers in random order on the real library: it would end this process on a misuse. */
class SchedulerStressTest {
  private static final long SEED = 20260101;

  @Test
  void survivesOpeningFeedingFlushingAndClosingInAnyOrder() throws Exception {
    List<HumanCalls.Call> calls = HumanCalls.all();
    try (Recogniser recogniser =
            SherpaRecognisers.bundled(
                SchedulerSettings.defaults().withDecodeThreads(3), new SimpleMeterRegistry());
        ExecutorService callers = Executors.newFixedThreadPool(6)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int caller = 0; caller < 24; caller++) {
        Random random = new Random(SEED + caller);
        work.add(() -> call(recogniser, calls, random));
      }
      int flushed = 0;
      for (Future<Integer> done : callers.invokeAll(work)) {
        flushed += done.get();
      }
      assertThat(flushed).as("seed %d", SEED).isGreaterThan(24);
      await().untilAsserted(() -> assertThat(recogniser.load().openStreams()).isZero());
    }
  }

  private static int call(Recogniser recogniser, List<HumanCalls.Call> calls, Random random)
      throws Exception {
    int flushed = 0;
    for (int round = 0; round < 4; round++) {
      Transcript transcript = new Transcript();
      float[] audio =
          calls.get(random.nextInt(calls.size())).throughPhone(G711Law.PCMU, random.nextInt(2000));
      StreamOptions options =
          new StreamOptions(Duration.ofMillis(100 + random.nextInt(2000)), Optional.empty());
      int startMs = random.nextInt(9999);
      CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
      try (FedStream stream = FedStream.open(recogniser, options, transcript, 16_000, startMs)) {
        int at = 0;
        while (at < audio.length) {
          int length = Math.min(random.nextInt(4000), audio.length - at);
          switch (random.nextInt(40)) {
            case 0 -> {
              last = stream.flush().toCompletableFuture();
              flushed++;
            }
            case 1 -> stream.skip(random.nextInt(100_000));
            default -> stream.feed(audio, at, length);
          }
          at += length;
          if (random.nextInt(200) == 0) {
            break;
          }
        }
        if (random.nextBoolean()) {
          last = stream.flush().toCompletableFuture();
          last.get(5, TimeUnit.MINUTES);
          flushed++;
        }
      }
      // Closed before it was flushed or not: the stage ends either way.
      try {
        last.get(5, TimeUnit.MINUTES);
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(RecogniserException.class);
      }
      assertThat(transcript.failures).isEmpty();
    }
    return flushed;
  }

  @Test
  void failsOpenStreamsWhenTheRecogniserCloses() {
    Transcript transcript = new Transcript();
    Recogniser recogniser =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry());
    FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript);
    stream.accept(new float[16_000], 0, 16_000);

    recogniser.close();
    recogniser.close();

    assertThat(transcript.failures).hasSize(1);
    assertThat(stream.isDead()).isTrue();
    assertThat(stream.flush().toCompletableFuture()).isCompletedExceptionally();
    assertThatThrownBy(() -> FedStream.open(recogniser, StreamOptions.defaults(), transcript))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("closed");
    stream.close();
  }

  @Test
  void flushOfNothingCompletesWithoutAWord() throws Exception {
    Transcript transcript = new Transcript();
    try (Recogniser recogniser =
            SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry());
        FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      assertThat(stream.accept(new float[0], 0, 0)).isTrue();
      assertThat(stream.accept(new float[5], 0, 5)).isTrue();
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.finals).isEmpty();
  }

  @Test
  void keepsTheTimelineOverAnHourOfSkippedAudio() throws Exception {
    HumanCalls.Call call = HumanCalls.all().getFirst();
    float[] audio = call.throughPhone(G711Law.PCMU, 0);
    Transcript transcript = new Transcript();
    try (Recogniser recogniser =
            SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry());
        FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
      for (int part = 0; part < 2; part++) {
        for (int at = 0; at < audio.length; at += 3200) {
          stream.feed(audio, at, Math.min(3200, audio.length - at));
        }
        stream.skip(3600 * 16_000);
      }
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.text()).isEqualTo(call.words() + " " + call.words());
    long half = 3_600_000 + audio.length / 16;
    List<Long> starts = transcript.finals.stream().map(f -> f.hypothesis().startMs()).toList();
    int utterances = starts.size() / 2;
    for (int i = 0; i < utterances; i++) {
      assertThat(starts.get(utterances + i) - starts.get(i)).isBetween(half - 200, half + 200);
    }
  }

  @Test
  void hearsTheFirstWordAfterAMinuteOfSilenceAndRenewsItsNativeStream() throws Exception {
    HumanCalls.Call call = HumanCalls.all().getFirst();
    float[] audio = call.throughPhone(G711Law.PCMU, 0);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Transcript transcript = new Transcript();
    try (Recogniser recogniser = SherpaRecognisers.bundled(SchedulerSettings.defaults(), registry);
        FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
      float[] silence = new float[1600];
      for (int i = 0; i < 600; i++) {
        stream.feed(silence, 0, silence.length);
      }
      for (int at = 0; at < audio.length; at += 3200) {
        stream.feed(audio, at, Math.min(3200, audio.length - at));
      }
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.text()).isEqualTo(call.words());
    assertThat(transcript.finals.getFirst().hypothesis().startMs()).isBetween(60_000L, 61_500L);
    assertThat(registry.get("linescribe.asr.renewals").counter().count()).isGreaterThanOrEqualTo(5);
  }
}
