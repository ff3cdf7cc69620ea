package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.asr.utterance.Tones.silence;
import static org.linescribe.asr.utterance.Tones.speech;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;

/** What is decoded in a pause, and when, where one thread decodes and is busy. */
class PauseDecodingTest {
  private static final int RATE = Tones.RATE;

  private final Semaphore pass = new Semaphore(0);
  private final List<Integer> begunMs = new CopyOnWriteArrayList<>();
  private final UtteranceRecogniser recogniser =
      new UtteranceRecogniser(
          new Held(),
          new Tones.Loudness(),
          null,
          new RecogniserInfo("sherpa", "held", "en", RATE),
          oneThread(),
          UtteranceSettings.defaults());

  @AfterEach
  void close() {
    pass.release(1_000_000);
    recogniser.close();
  }

  private static SchedulerSettings oneThread() {
    SchedulerSettings defaults = SchedulerSettings.defaults();
    return new SchedulerSettings(
        1,
        defaults.maxBatch(),
        defaults.maxWait(),
        defaults.queueBound(),
        defaults.maxUtterance(),
        defaults.idleRenewal(),
        defaults.saturationBacklog(),
        defaults.workers());
  }

  /** Its utterances' finals hold the thread and wait for it: nobody gets a partial then. */
  private FedStream crowd() throws Exception {
    FedStream stream = open();
    feed(stream, speech(2000), silence(1500), speech(2100), silence(1500));
    await().until(() -> begunMs.size() == 1);
    await().until(stream::isRead);
    return stream;
  }

  @Test
  void aStreamThatWasBehindAsksLaterInThePause() throws Exception {
    try (FedStream others = crowd();
        FedStream stream = open()) {
      // Where it takes the pause's first half, the other half is known to come.
      feed(stream, speech(1000), silence(700));
      await().until(stream::isRead);
      pass.release(1_000_000);

      // Nothing else wakes the stream.
      await().until(() -> hasBegun(1200));
      assertThat(others.isDead()).isFalse();
    }
  }

  @Test
  void whatAPauseAskedForIsNotDecodedOnceItIsOver() throws Exception {
    try (FedStream others = crowd();
        FedStream stream = open()) {
      feed(stream, speech(1000));
      await().until(stream::isRead);
      feed(stream, silence(300));
      await().until(stream::isRead);
      feed(stream, speech(1000));
      await().until(stream::isRead);
      feed(stream, silence(1500));
      await().until(stream::isRead);
      pass.release(1_000_000);

      stream.flush().toCompletableFuture().get(2, TimeUnit.MINUTES);

      assertThat(hasBegun(2500)).isTrue();
      assertThat(hasBegun(1200)).isFalse();
      assertThat(others.isDead()).isFalse();
    }
  }

  /** A line that sends nothing in silence has pauses too. */
  @Test
  void asksInAPauseOfWhichNoAudioComes() throws Exception {
    pass.release(1);
    try (FedStream stream = open()) {
      feed(stream, speech(1000));
      await().until(stream::isRead);
      await().until(() -> begunMs.size() == 1);
      stream.skip(RATE * 3 / 10);

      await().until(() -> hasBegun(1200));
    }
  }

  /** Of about so much audio: speech ends where a window does. */
  private boolean hasBegun(int ms) {
    return begunMs.stream().anyMatch(begun -> Math.abs(begun - ms) < 100);
  }

  private FedStream open() {
    return FedStream.open(
        recogniser,
        new StreamOptions(Duration.ofMillis(800), java.util.Optional.empty()),
        new Silent());
  }

  private static void feed(FedStream stream, short[]... pieces) throws Exception {
    for (short[] piece : pieces) {
      stream.feed(piece, 0, piece.length);
    }
  }

  /** Says nothing, when it is let. */
  private final class Held extends UntimedDecoder {
    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      begunMs.add(pcm.length * 1000 / RATE);
      pass.acquireUninterruptibly();
      return Hypothesis.empty(startMs);
    }
  }

  private static final class Silent implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      // What is decoded is looked at, not what is told.
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      // As above.
    }

    @Override
    public void onFailure(RecogniserException failure) {
      throw failure;
    }
  }
}
