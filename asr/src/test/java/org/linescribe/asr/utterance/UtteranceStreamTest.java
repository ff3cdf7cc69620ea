package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.asr.utterance.Tones.silence;
import static org.linescribe.asr.utterance.Tones.speech;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;

/** Cutting, ordering and times, with audio that says itself what is in it. */
class UtteranceStreamTest {
  private static final int RATE = 16_000;
  private static final StreamOptions OPTIONS =
      new StreamOptions(Duration.ofMillis(800), Optional.empty());

  private final TellingDecoder decoder = new TellingDecoder();
  private volatile double finished;
  private final AtomicInteger asked = new AtomicInteger();
  private final UtteranceRecogniser recogniser = recogniser(decoder);
  private final Told told = new Told();

  @AfterEach
  void close() {
    decoder.pass.release(1_000_000);
    recogniser.close();
  }

  @Test
  void tellsEachUtteranceOnceWithTheTimesOfItsSpeech() throws Exception {
    decoder.pass.release(1_000_000);
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      feed(stream, silence(1000), speech(2000), silence(1500), speech(3000), silence(1500));
      finish(stream);
    }
    assertThat(told.finals).hasSize(2);
    assertThat(told.finals.get(0).startMs()).isBetween(900L, 1100L);
    assertThat(told.finals.get(0).endMs()).isBetween(2900L, 3200L);
    assertThat(told.finals.get(1).startMs()).isBetween(4400L, 4600L);
    assertThat(told.decodedTo).isSorted();
  }

  @Test
  void tellsNothingAndDecodesNothingOfSilence() throws Exception {
    decoder.pass.release(1_000_000);
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      feed(stream, silence(60_000));
      stream.skip(RATE * 3600);
      finish(stream);
    }
    assertThat(told.finals).isEmpty();
    assertThat(decoder.decodings).hasValue(0);
  }

  @Test
  void cutsAMonologueWithoutAPauseAndHearsAllOfIt() throws Exception {
    decoder.pass.release(1_000_000);
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      feed(stream, silence(1000), speech(120_000), silence(1500));
      finish(stream);
    }
    assertThat(decoder.longestMs.get()).isLessThanOrEqualTo(decoder.maxMs());
    assertThat(told.finals.getFirst().startMs()).isBetween(900L, 1100L);
    assertThat(told.finals.getLast().endMs()).isBetween(120_900L, 121_200L);
    for (int i = 1; i < told.finals.size(); i++) {
      // A final is told at each cut, and the next one goes on there.
      assertThat(told.finals.get(i).startMs()).isEqualTo(told.finals.get(i - 1).endMs());
      assertThat(told.finals.get(i).endMs() - told.finals.get(i).startMs()).isLessThan(9000);
    }
  }

  /** The stretch grows in the pause, and only speech tells that it is too long. */
  @ParameterizedTest
  @ValueSource(ints = {8000, 8200, 8400, 8600, 8700, 8800})
  void aShortPauseDoesNotMakeAStretchTooLong(int spokenMs) throws Exception {
    decoder.pass.release(1_000_000);
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      feed(stream, speech(spokenMs), silence(700), speech(4000), silence(1500));
      finish(stream);
    }
    assertThat(decoder.longestMs.get()).isLessThanOrEqualTo(decoder.maxMs());
    assertThat(told.failures).isEmpty();
    assertThat(told.finals.getLast().endMs()).isBetween(spokenMs + 4600L, spokenMs + 4900L);
  }

  @Test
  void tellsASentenceThatHasEndedWhileItsSpeakerGoesOn() throws Exception {
    float[] pcm = LevelReader.speech(IntStream.range(0, 16).toArray());
    int begun = 13 * LevelReader.PERIOD;
    try (UtteranceRecogniser sentences = recogniser(new LevelReader(10, 15));
        FedStream stream = FedStream.open(sentences, OPTIONS, told)) {
      stream.feed(Arrays.copyOf(pcm, begun), 0, begun);
      awaitStream(stream, () -> told.partials.stream().anyMatch(text -> text.endsWith(" w12")));
      stream.feed(Arrays.copyOfRange(pcm, begun, pcm.length), 0, pcm.length - begun);
      awaitStream(stream, () -> !told.finals.isEmpty());
      feed(stream, silence(1500));
      finish(stream);
    }
    assertThat(told.finals)
        .extracting(Hypothesis::text)
        .containsExactly("w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10.", "w11 w12 w13 w14 w15.");
    assertThat(told.finals.get(1).startMs()).isEqualTo(told.finals.get(0).endMs());
  }

  @Test
  void keepsTheOrderOfUtterancesThatSeveralThreadsDecode() throws Exception {
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      for (int i = 0; i < 5; i++) {
        feed(stream, speech(1000 + 100 * i), silence(1500));
      }
      await().until(() -> decoder.decodings.get() >= 1);
      assertThat(told.finals).isEmpty();
      decoder.pass.release(1_000_000);
      finish(stream);
    }
    assertThat(told.finals).hasSize(5);
    assertThat(told.finals.stream().map(Hypothesis::startMs).toList()).isSorted();
  }

  @Test
  void aFlushEndsTheOpenUtteranceAndTheNextOneBeginsBehindIt() throws Exception {
    decoder.pass.release(1_000_000);
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      feed(stream, silence(500), speech(1500));
      finish(stream);
      assertThat(told.finals).hasSize(1);
      feed(stream, speech(1000), silence(1500));
      finish(stream);
    }
    assertThat(told.finals).hasSize(2);
    assertThat(told.finals.get(1).startMs()).isGreaterThanOrEqualTo(1900);
  }

  @Test
  void aDecoderThatFailsEndsItsStreamAndSaysWhy() throws Exception {
    decoder.pass.release(1_000_000);
    decoder.failure = new RecogniserException("as the test asked");
    FedStream stream = FedStream.open(recogniser, OPTIONS, told);
    feed(stream, speech(1000), silence(1500));

    await().until(() -> !told.failures.isEmpty());
    assertThat(told.failures.getFirst()).hasMessageContaining("as the test asked");
    assertThat(stream.isDead()).isTrue();
  }

  @Test
  void finalsThatWaitCountAsBacklogUntilTheyAreDecoded() throws Exception {
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      for (int i = 0; i < 6; i++) {
        feed(stream, speech(1000), silence(1500));
      }
      await().until(() -> recogniser.load().backlogMs() > 50);
      decoder.pass.release(1_000_000);
      finish(stream);
    }
    await().until(() -> recogniser.load().backlogMs() == 0);
    assertThat(told.finals).hasSize(6);
  }

  @Test
  void endsSoonWhereTheSpeakerHasFinished() throws Exception {
    decoder.pass.release(1_000_000);
    finished = 0.95;
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      pauseAfterSpeech(stream);
      await().until(() -> asked.get() == 1);
      feed(stream, silence(200));
      await().until(() -> told.finals.size() == 1);
      feed(stream, speech(1000), silence(1500));
      finish(stream);
    }
    assertThat(told.finals).hasSize(2);
    assertThat(told.finals.getFirst().endMs()).isBetween(950L, 1050L);
  }

  @Test
  void waitsForWhoHasNotFinished() throws Exception {
    decoder.pass.release(1_000_000);
    finished = 0.2;
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      pauseAfterSpeech(stream);
      await().until(() -> asked.get() == 1);
      feed(stream, silence(300), speech(1000), silence(1500));
      finish(stream);
    }
    assertThat(told.finals).hasSize(1);
  }

  /** The model of words tells by a comma that a sentence goes on, whatever the other one hears. */
  @Test
  void waitsWhereTheTextEndsWithAComma() throws Exception {
    decoder.pass.release(1_000_000);
    decoder.ending = ",";
    finished = 0.95;
    try (FedStream stream = FedStream.open(recogniser, OPTIONS, told)) {
      pauseAfterSpeech(stream);
      await().until(() -> asked.get() == 1);
      feed(stream, silence(300), speech(1000), silence(1500));
      finish(stream);
    }
    assertThat(told.finals).hasSize(1);
  }

  /**
   * The stream asks in a pause only where it has heard all that came: from an empty reader it takes
   * the pause in whole pieces, and asks in the last one.
   */
  private static void pauseAfterSpeech(FedStream stream) throws Exception {
    feed(stream, speech(1000));
    await().until(stream::isRead);
    feed(stream, silence(300));
  }

  private static void finish(FedStream stream) throws Exception {
    stream.flush().toCompletableFuture().get(2, TimeUnit.MINUTES);
  }

  private UtteranceRecogniser recogniser(WholeDecoder whole) {
    return new UtteranceRecogniser(
        whole,
        new Tones.Loudness(),
        new Turns(),
        new RecogniserInfo("sherpa", "telling", "en", RATE),
        SchedulerSettings.defaults(),
        UtteranceSettings.defaults());
  }

  /** A stream asks for a partial when something comes, be it no audio. */
  private static void awaitStream(FedStream stream, BooleanSupplier condition) {
    await()
        .until(
            () -> {
              stream.accept(new short[0], 0, 0);
              return condition.getAsBoolean();
            });
  }

  private static void feed(FedStream stream, short[]... parts) throws Exception {
    for (short[] part : parts) {
      stream.feed(part, 0, part.length);
    }
  }

  /** Says what the test says. */
  private final class Turns implements TurnModel {
    @Override
    public double finished(float[] pcm) {
      asked.incrementAndGet();
      return finished;
    }

    @Override
    public void close() {
      // Nothing to free.
    }
  }

  /** Tells how long the audio was, when it is let. */
  private static final class TellingDecoder extends UntimedDecoder {
    final Semaphore pass = new Semaphore(0);
    final AtomicInteger decodings = new AtomicInteger();
    final AtomicInteger longestMs = new AtomicInteger();
    volatile RuntimeException failure;
    volatile String ending = ".";

    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      decodings.incrementAndGet();
      pass.acquireUninterruptibly();
      if (failure != null) {
        throw failure;
      }
      int ms = pcm.length * 1000 / RATE;
      longestMs.accumulateAndGet(ms, Math::max);
      String text = String.format(Locale.ROOT, "From %d for %d%s", startMs, ms, ending);
      return new Hypothesis(text, List.of(), startMs, startMs + ms);
    }
  }

  private static final class Told implements RecogniserListener {
    final List<String> partials = new CopyOnWriteArrayList<>();
    final List<Hypothesis> finals = new CopyOnWriteArrayList<>();
    final List<Long> decodedTo = new CopyOnWriteArrayList<>();
    final List<RecogniserException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      partials.add(hypothesis.text());
    }

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
