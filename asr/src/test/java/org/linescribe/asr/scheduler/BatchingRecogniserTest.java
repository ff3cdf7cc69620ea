package org.linescribe.asr.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.settings.SettingsDefaults;

class BatchingRecogniserTest {
  private static final int SECOND = FakeEngine.RATE;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final FakeEngine engine = new FakeEngine();
  private final BatchingRecogniser recogniser =
      new BatchingRecogniser(
          engine,
          new RecogniserInfo("fake", "fake", "en", FakeEngine.RATE),
          SchedulerSettings.defaults().withDecodeThreads(2),
          registry);

  @AfterEach
  void close() {
    engine.permitted();
    recogniser.close();
    assertThat(engine.open).hasValue(0);
    assertThat(engine.closed).isTrue();
  }

  @Test
  void refusesAudioBeyondTheBoundAndTellsWhenHalfIsFree() {
    Listener listener = new Listener();
    FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), listener);
    int accepted = 0;
    while (stream.accept(new float[SECOND], 0, SECOND)) {
      accepted++;
    }
    assertThat(accepted).isBetween(10, 12);
    assertThat(stream.spaces).hasValue(0);

    engine.permitted();

    await().untilAsserted(() -> assertThat(stream.spaces).hasValue(1));
    assertThat(stream.refusedSamples()).isPositive();
    await()
        .untilAsserted(
            () ->
                assertThat(registry.get("linescribe.asr.refused.samples").counter().count())
                    .isEqualTo(stream.refusedSamples()));
    assertThat(stream.accept(new float[SECOND], 0, SECOND)).isTrue();
  }

  @Test
  void endsOnlyTheStreamThatFails() throws Exception {
    engine.permitted();
    Listener good = new Listener();
    Listener bad = new Listener();
    FedStream goodStream = FedStream.open(recogniser, StreamOptions.defaults(), good);
    FedStream badStream = FedStream.open(recogniser, StreamOptions.defaults(), bad);
    float[] poison = new float[SECOND];
    poison[10] = FakeEngine.POISON;
    badStream.accept(poison, 0, SECOND);
    goodStream.accept(words(1, 500), 0, SECOND);
    CompletableFuture<Void> flushed = goodStream.flush().toCompletableFuture();

    flushed.get(5, TimeUnit.MINUTES);
    await().untilAsserted(() -> assertThat(bad.failures).hasSize(1));

    assertThat(good.finals).extracting(Hypothesis::text).containsExactly("W0");
    assertThat(good.failures).isEmpty();
    assertThat(badStream.isDead()).isTrue();
    assertThat(registry.get("linescribe.asr.failures").counter().count()).isEqualTo(1);
  }

  @Test
  void streamThatMakesABatchFailFailsAloneWhereverItStoodInIt() throws Exception {
    List<Listener> listeners = new ArrayList<>();
    List<FedStream> streams = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Listener listener = new Listener();
      listeners.add(listener);
      streams.add(FedStream.open(recogniser, StreamOptions.defaults(), listener));
    }
    // Both workers wait for a permit to decode these two; what comes meanwhile makes batches.
    List<FedStream> first = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      first.add(FedStream.open(recogniser, StreamOptions.defaults(), new Listener()));
      first.getLast().accept(new float[FakeEngine.FIRST], 0, FakeEngine.FIRST);
      int busy = i;
      await().until(() -> engine.decoding.get() == busy);
    }
    int guilty = 4;
    for (int i = 0; i < 9; i++) {
      float[] audio = words(1, 500);
      if (i == guilty) {
        audio[10] = FakeEngine.UNDECODABLE;
      }
      streams.get(i).accept(audio, 0, SECOND);
    }
    engine.permitted();

    for (int i = 0; i < 9; i++) {
      if (i != guilty) {
        streams.get(i).flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
        assertThat(listeners.get(i).finals).extracting(Hypothesis::text).containsExactly("W0");
        assertThat(listeners.get(i).failures).isEmpty();
      }
    }
    await().untilAsserted(() -> assertThat(listeners.get(guilty).failures).hasSize(1));
    assertThat(engine.failedBatches.get()).isPositive();
    assertThat(registry.get("linescribe.asr.failures").counter().count()).isEqualTo(1);
  }

  @Test
  void endsOnlyTheStreamWhoseListenerThrows() throws Exception {
    engine.permitted();
    Listener good = new Listener();
    Listener bad =
        new Listener() {
          @Override
          public void onHypothesis(Hypothesis hypothesis) {
            throw new IllegalStateException("a listener's bug");
          }
        };
    FedStream badStream = FedStream.open(recogniser, StreamOptions.defaults(), bad);
    FedStream goodStream = FedStream.open(recogniser, StreamOptions.defaults(), good);
    badStream.accept(words(1, 500), 0, SECOND);
    goodStream.accept(words(1, 500), 0, SECOND);

    goodStream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    await().untilAsserted(() -> assertThat(bad.failures).hasSize(1));

    assertThat(good.finals).hasSize(1);
  }

  @Test
  void decodesReadyStreamsTogetherUpToTheBatchLimit() {
    List<FedStream> streams = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      streams.add(FedStream.open(recogniser, StreamOptions.defaults(), new Listener()));
    }
    streams.forEach(s -> s.accept(new float[SECOND], 0, SECOND));

    engine.permitted();

    await()
        .untilAsserted(
            () -> assertThat(streams).allSatisfy(s -> assertThat(s.unreadMs()).isLessThan(150)));
    assertThat(engine.largestBatch).hasValueBetween(8, 16);
  }

  @Test
  void countsTheUtterancesPositionsFromTheStreamsStart() throws Exception {
    engine.permitted();
    Listener listener = new Listener();
    FedStream stream =
        FedStream.open(
            recogniser,
            new StreamOptions(Duration.ofMillis(300), StreamOptions.defaults().language()),
            listener,
            SECOND,
            60_000);
    stream.accept(words(1, 200), 0, SECOND);
    stream.skip(SECOND);
    stream.accept(words(1, 400), 0, SECOND);
    stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);

    assertThat(listener.finals).extracting(Hypothesis::startMs).containsExactly(60_200L, 62_400L);
    // The last token's frame of 40 ms and 120 ms for the word to end.
    assertThat(listener.decodedTo.getLast()).isEqualTo(62_560);
  }

  /** A call that nobody answers or speaks on must cost nothing: there may be many. */
  @Test
  void decodesNoSilenceBeforeTheFirstAudioAndNoneBetweenAFlushAndTheNext() throws Exception {
    engine.permitted();
    Listener listener = new Listener();
    FedStream stream =
        FedStream.open(recogniser, StreamOptions.defaults(), listener, FakeEngine.RATE, 0);
    for (int piece = 0; piece < 500; piece++) {
      stream.skip(SECOND / 50);
      if (piece % 100 == 99) {
        // Less than a chunk waits for more.
        await().until(() -> stream.unreadMs() < 1000);
      }
    }
    stream.skip(100);
    stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    assertThat(engine.opened).hasValue(0);

    stream.accept(words(1, 200), 0, SECOND);
    stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    int opened = engine.opened.get();
    stream.skip(10 * SECOND);
    stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);

    assertThat(engine.opened).hasValue(opened);
    assertThat(listener.finals).extracting(Hypothesis::startMs).containsExactly(10_206L);
  }

  @Test
  void reportsSaturationWhenAudioHasWaitedTooLongAndClearsItLater() {
    SimpleMeterRegistry own = new SimpleMeterRegistry();
    FakeEngine slow = new FakeEngine();
    SchedulerSettings d = SchedulerSettings.defaults();
    SchedulerSettings quick =
        new SchedulerSettings(
            1,
            d.maxBatch(),
            d.maxWait(),
            d.queueBound(),
            d.maxUtterance(),
            d.idleRenewal(),
            Duration.ofMillis(200),
            d.workers());
    try (BatchingRecogniser behind =
        new BatchingRecogniser(
            slow, new RecogniserInfo("fake", "fake", "en", FakeEngine.RATE), quick, own)) {
      FedStream stream = FedStream.open(behind, StreamOptions.defaults(), new Listener());
      stream.accept(new float[SECOND * 2], 0, SECOND * 2);

      await().untilAsserted(() -> assertThat(behind.load().saturated()).isTrue());
      assertThat(behind.load().backlogMs()).isGreaterThanOrEqualTo(200);
      slow.permitted();
      await().untilAsserted(() -> assertThat(behind.load().saturated()).isFalse());
    }
  }

  @Test
  void reportsSaturationWhereNoStreamIsTakenInTimeThoughNoAudioHasWaitedTooLong() {
    try (BatchingRecogniser behind = withBacklog(SchedulerSettings.defaults().queueBound())) {
      feedTen(behind);
      assertThat(behind.load().saturated()).isFalse();

      // All ten streams are in a step at once, and none waits in a queue; but their audio does.
      await()
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                engine.permits.release();
                return behind.load().saturated();
              });

      engine.permitted();
      await().untilAsserted(() -> assertThat(behind.load().saturated()).isFalse());
    }
  }

  @Test
  void filesThatAreReadAsFastAsTheyAreDecodedAreNoOverload() {
    try (BatchingRecogniser busy = withBacklog(Duration.ofSeconds(8))) {
      feedTen(busy);
      await()
          .pollInterval(Duration.ofMillis(50))
          .during(Duration.ofSeconds(1))
          .until(
              () -> {
                engine.permits.release();
                return !busy.load().saturated();
              });
      engine.permitted();
    }
  }

  /** Of two decode threads, on the same engine, which it closes. */
  private BatchingRecogniser withBacklog(Duration saturationBacklog) {
    recogniser.close();
    engine.closed = false;
    SchedulerSettings d = SchedulerSettings.defaults();
    SchedulerSettings settings =
        new SchedulerSettings(
            2,
            d.maxBatch(),
            d.maxWait(),
            d.queueBound(),
            d.maxUtterance(),
            d.idleRenewal(),
            saturationBacklog,
            d.workers());
    RecogniserInfo info = new RecogniserInfo("fake", "fake", "en", FakeEngine.RATE);
    return new BatchingRecogniser(engine, info, settings, new SimpleMeterRegistry());
  }

  private static void feedTen(BatchingRecogniser recogniser) {
    for (int number = 0; number < 10; number++) {
      FedStream.open(recogniser, StreamOptions.defaults(), new Listener())
          .accept(new float[9 * SECOND], 0, 9 * SECOND);
    }
  }

  @Test
  void completesAFlushExceptionallyWhenTheStreamIsClosedBefore() {
    FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), new Listener());
    stream.accept(new float[SECOND], 0, SECOND);
    CompletableFuture<Void> flushed = stream.flush().toCompletableFuture();

    stream.close();
    engine.permitted();

    await().untilAsserted(() -> assertThat(flushed).isCompletedExceptionally());
  }

  @Test
  void workersOutliveAListenerThatInterruptsThem() throws Exception {
    engine.permitted();
    Listener good = new Listener();
    FedStream goodStream = FedStream.open(recogniser, StreamOptions.defaults(), good);
    for (int i = 0; i < 4; i++) {
      Listener bad =
          new Listener() {
            @Override
            public void onHypothesis(Hypothesis hypothesis) {
              Thread.currentThread().interrupt();
            }
          };
      FedStream badStream = FedStream.open(recogniser, StreamOptions.defaults(), bad);
      badStream.accept(words(1, 500), 0, SECOND);
      badStream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      assertThat(bad.finals).hasSize(1);
    }
    goodStream.accept(words(1, 500), 0, SECOND);
    goodStream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);

    assertThat(good.finals).hasSize(1);
  }

  @Test
  void closingInterruptsNoListenerThatIsBeingTold() {
    engine.permitted();
    AtomicInteger told = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    FedStream.open(
        recogniser,
        StreamOptions.defaults(),
        new Listener() {
          @Override
          public void onFailure(RecogniserException failure) {
            try {
              // Long enough for an interrupt, if one comes.
              new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
              interrupted.incrementAndGet();
            }
            told.incrementAndGet();
          }
        });

    recogniser.close();

    assertThat(told).hasValue(1);
    assertThat(interrupted).hasValue(0);
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    SchedulerSettings d = SchedulerSettings.defaults();
    assertThatThrownBy(() -> d.withDecodeThreads(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linescribe.asr.decode-threads: -1 (expected: 0 to 256)");
    assertThatThrownBy(
            () ->
                new SchedulerSettings(
                    1,
                    16,
                    Duration.ofSeconds(1),
                    d.queueBound(),
                    d.maxUtterance(),
                    d.idleRenewal(),
                    d.saturationBacklog(),
                    d.workers()))
        .hasMessage("linescribe.asr.max-wait: 1s (expected: 0s to 200ms)");
    assertThat(d.workerCount()).isZero();
    assertThat(workers("16").workerCount()).isEqualTo(16);
    for (String wrong : List.of("0", "17", "two", "")) {
      assertThatThrownBy(() -> workers(wrong))
          .hasMessage("linescribe.asr.workers: " + wrong + " (expected: in-process, or 1 to 16)");
    }
  }

  private static SchedulerSettings workers(String workers) {
    return SettingsDefaults.of(SchedulerSettings.class, Map.of("workers", workers));
  }

  private static float[] words(int count, int atMs) {
    float[] audio = new float[SECOND];
    for (int i = 0; i < count; i++) {
      audio[(atMs + i * 40) * FakeEngine.RATE / 1000] = 1;
    }
    return audio;
  }

  private static class Listener implements RecogniserListener {
    final List<Hypothesis> finals = new CopyOnWriteArrayList<>();
    final List<Long> decodedTo = new CopyOnWriteArrayList<>();
    final List<RecogniserException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onHypothesis(Hypothesis hypothesis) {}

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      finals.add(hypothesis);
      decodedTo.add(decodedToMs);
    }

    @Override
    public void onFailure(RecogniserException failure) {
      failures.add(failure);
    }
  }
}
