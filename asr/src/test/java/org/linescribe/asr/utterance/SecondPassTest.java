package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
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
import org.linescribe.asr.scheduler.SchedulerSettings;

/** What is told of two passes, by a first one that says what the test says. */
class SecondPassTest {
  private static final int RATE = Tones.RATE;

  private final FakeFirst first = new FakeFirst();
  private final Semaphore pass = new Semaphore(0);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<String> languages = new CopyOnWriteArrayList<>();
  private final List<String> prepared = new CopyOnWriteArrayList<>();
  private volatile boolean fails;
  private volatile boolean untellable;
  private final TwoPassRecogniser recogniser =
      new TwoPassRecogniser(
          first,
          new Second(""),
          new RecogniserInfo("sherpa", "second", "mul", Set.of(), Set.of("fr", "en"), RATE),
          SchedulerSettings.defaults());
  private final FedStream stream = open(Optional.empty());

  @AfterEach
  void close() {
    pass.release(1_000_000);
    stream.close();
    recogniser.close();
  }

  private FedStream open(Optional<String> language) {
    return FedStream.open(
        recogniser, new StreamOptions(Duration.ofMillis(800), language), new Told());
  }

  @Test
  void finalsAreTheSecondModelsAndPartialsTheFirstOnes() throws Exception {
    pass.release(2);
    stream.feed(Tones.speech(4000), 0, 4 * RATE);

    first.listener.onHypothesis(said("one", 500, 900));
    first.listener.onEndpoint(said("one two", 500, 1500), 1800);
    await().until(() -> told.size() == 2);
    first.listener.onEndpoint(said("three", 2500, 3500), 3800);
    await().until(() -> told.size() == 3);

    // The second one begins 400 ms before the first word, and no earlier than the last final.
    assertThat(told).containsExactly("one 500..900", "from 100 500..1500", "from 2100 2500..3500");
  }

  @Test
  void whatComesBehindAFinalThatWaitsComesBehindIt() throws Exception {
    stream.feed(Tones.speech(4000), 0, 4 * RATE);
    first.listener.onEndpoint(said("one", 500, 1500), 1800);
    first.listener.onHypothesis(said("two", 2500, 2600));
    first.listener.onHypothesis(said("two three", 2500, 2900));
    CompletionStage<Void> flushed = stream.flush();
    first.flush.complete(null);

    assertThat(told).isEmpty();
    assertThat(flushed.toCompletableFuture()).isNotDone();
    pass.release(1);

    await().until(() -> flushed.toCompletableFuture().isDone());
    assertThat(told).containsExactly("from 100 500..1500", "two three 2500..2900");
  }

  @Test
  void whereTheSecondModelFailsTheFirstOnesTextStands() throws Exception {
    fails = true;
    pass.release(1);
    stream.feed(Tones.speech(4000), 0, 4 * RATE);
    first.listener.onEndpoint(said("one two", 500, 1500), 1800);

    await().until(() -> told.equals(List.of("one two 500..1500")));

    fails = false;
    pass.release(1);
    first.listener.onEndpoint(said("three", 2500, 3500), 3800);
    await().until(() -> told.size() == 2);
    assertThat(told.getLast()).isEqualTo("from 2100 2500..3500");
  }

  @Test
  void aFlushThatWaitsFailsWhenTheStreamIsClosed() throws Exception {
    stream.feed(Tones.speech(2000), 0, 2 * RATE);
    first.listener.onEndpoint(said("one", 500, 1500), 1800);
    CompletionStage<Void> flushed = stream.flush();
    first.flush.complete(null);

    stream.close();

    await().until(() -> flushed.toCompletableFuture().isCompletedExceptionally());
    pass.release(1_000_000);
    assertThat(told).isEmpty();
  }

  @Test
  void theSecondModelIsToldTheLanguageOfTheSession() throws Exception {
    pass.release(1_000_000);
    try (FedStream french = open(Optional.of("fr-CA"))) {
      french.feed(Tones.speech(2000), 0, 2 * RATE);
      first.listener.onEndpoint(said("un", 500, 1500), 1800);

      await().until(() -> told.size() == 1);
    }
    assertThat(languages).containsExactly("fr-CA");
  }

  /** The first one has no other language; the text that stays is the second one's. */
  @Test
  void isInTheLanguageThatBothAreHeldTo() {
    assertThat(recogniser.prepare("en-US")).isTrue();
    assertThat(recogniser.prepare("de")).isFalse();
    assertThat(prepared).containsExactly("en-US");
    untellable = true;
    assertThat(recogniser.prepare("en-US")).isFalse();
  }

  private static Hypothesis said(String text, long startMs, long endMs) {
    return new Hypothesis(text, List.of(), startMs, endMs);
  }

  /** Says where its audio began, when it is let. */
  private final class Second extends UntimedDecoder {
    private final String language;

    Second(String language) {
      this.language = language;
    }

    @Override
    public boolean prepare(String wanted) {
      prepared.add(wanted);
      return !untellable;
    }

    @Override
    public WholeDecoder speaking(String told) {
      return new Second(told);
    }

    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      languages.add(language);
      pass.acquireUninterruptibly();
      if (fails) {
        throw new RecogniserException("as the test asked");
      }
      return said("from " + startMs, startMs, startMs);
    }
  }

  private final class Told implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      add(hypothesis);
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      add(hypothesis);
    }

    private void add(Hypothesis hypothesis) {
      told.add(hypothesis.text() + " " + hypothesis.startMs() + ".." + hypothesis.endMs());
    }

    @Override
    public void onFailure(RecogniserException failure) {
      told.add(String.valueOf(failure.getMessage()));
    }
  }

  /** A streaming recogniser of which the test has the listener. */
  private static final class FakeFirst implements Recogniser {
    final CompletableFuture<Void> flush = new CompletableFuture<>();
    volatile RecogniserListener listener;

    @Override
    public RecogniserInfo info() {
      return new RecogniserInfo("sherpa", "fake", "en", RATE);
    }

    @Override
    public RecogniserLoad load() {
      return new RecogniserLoad(0, 0, false);
    }

    @Override
    public RecogniserStream open(
        LegReader audio, StreamOptions options, RecogniserListener opened) {
      listener = opened;
      audio.bound(10L * RATE);
      return new RecogniserStream() {
        @Override
        public CompletionStage<Void> flush() {
          return flush;
        }

        @Override
        public void close() {
          // Nothing to free.
        }
      };
    }

    @Override
    public void close() {
      // As above.
    }
  }
}
