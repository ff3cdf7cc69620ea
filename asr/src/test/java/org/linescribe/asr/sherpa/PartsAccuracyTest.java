package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.parts.PartsRecogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;

/** A long recording decoded in parts says what it says in one piece. */
class PartsAccuracyTest {
  private static final int PAUSE_MS = 1600;
  private static final int RATE = 16_000;

  private static Recogniser whole;
  private static float[] recording;
  private static String words;

  @BeforeAll
  static void load() {
    whole =
        SherpaRecognisers.bundled(
            SchedulerSettings.defaults().withDecodeThreads(2), new SimpleMeterRegistry());
    List<HumanCalls.Call> calls = HumanCalls.all();
    words = String.join(" ", calls.stream().map(HumanCalls.Call::words).toList());
    List<float[]> pieces =
        calls.stream().map(call -> call.throughPhone(G711Law.PCMU, PAUSE_MS)).toList();
    recording = new float[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (float[] piece : pieces) {
      System.arraycopy(piece, 0, recording, at, piece.length);
      at += piece.length;
    }
  }

  @AfterAll
  static void close() {
    whole.close();
  }

  /** Everything said, and a way to wait for room. */
  private static final class Ear extends Transcript {
    final Semaphore room = new Semaphore(0);
    final CountDownLatch failed = new CountDownLatch(1);

    @Override
    public void onWritable() {
      room.release();
    }

    @Override
    public void onFailure(RecogniserException failure) {
      super.onFailure(failure);
      failed.countDown();
    }
  }

  private static Ear recognise(Recogniser recogniser) throws Exception {
    Ear ear = new Ear();
    try (RecogniserStream stream = recogniser.open(StreamOptions.defaults(), ear)) {
      for (int at = 0; at < recording.length; ) {
        int length = Math.min(RATE / 2, recording.length - at);
        if (stream.accept(recording, at, length)) {
          at += length;
        } else {
          assertThat(ear.room.tryAcquire(5, TimeUnit.MINUTES)).isTrue();
        }
      }
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      assertThat(stream.queuedMs()).isZero();
    }
    assertThat(ear.failures).isEmpty();
    return ear;
  }

  @Test
  void saysTheSameInPartsAsInOnePieceInTheOrderOfTheAudio() throws Exception {
    Ear inOnePiece = recognise(whole);
    Ear inParts;
    try (PartsRecogniser parts = new PartsRecogniser(whole, 8, Duration.ofSeconds(5))) {
      inParts = recognise(parts);
    }

    int wholeErrors = WordErrors.count(words, inOnePiece.text());
    int partsErrors = WordErrors.count(words, inParts.text());
    int difference = WordErrors.count(inOnePiece.text(), inParts.text());
    System.out.printf(
        "%d words: %d errors in one piece, %d in parts, %d words differ%n",
        WordErrors.words(words).size(), wholeErrors, partsErrors, difference);
    assertThat(WordErrors.words(words)).hasSize(132);
    assertThat(partsErrors).isLessThanOrEqualTo(wholeErrors + 2);
    assertThat(difference).isLessThanOrEqualTo(2);
    assertThat(inParts.finals)
        .isSortedAccordingTo(Comparator.comparingLong(f -> f.hypothesis().startMs()));
    assertThat(inParts.finals.size()).isCloseTo(inOnePiece.finals.size(), Offset.offset(2));
    List<Token> wholeTokens = tokens(inOnePiece);
    assertThat(tokens(inParts))
        .filteredOn(token -> wholeTokens.stream().noneMatch(other -> isSame(token, other)))
        .as("words that stand elsewhere")
        .hasSizeLessThanOrEqualTo(3);
    assertThat(inParts.finals.getLast().decodedToMs())
        .isLessThanOrEqualTo(recording.length * 1000L / RATE);
  }

  private static List<Token> tokens(Ear ear) {
    return ear.finals.stream().flatMap(f -> f.hypothesis().tokens().stream()).toList();
  }

  private static boolean isSame(Token token, Token other) {
    return token.text().equals(other.text()) && Math.abs(token.startMs() - other.startMs()) <= 200;
  }

  @Test
  void endsItsStreamsAndTheirFlushesWhenItIsClosed() throws Exception {
    Ear ear = new Ear();
    PartsRecogniser parts = new PartsRecogniser(whole, 4, Duration.ofSeconds(5));
    RecogniserStream stream = parts.open(StreamOptions.defaults(), ear);
    stream.accept(recording, 0, RATE);

    parts.close();

    assertThat(ear.failed.await(5, TimeUnit.MINUTES)).isTrue();
    assertThat(stream.accept(recording, 0, RATE)).isFalse();
    assertThat(stream.flush().toCompletableFuture())
        .failsWithin(Duration.ofMinutes(5))
        .withThrowableThat()
        .withRootCauseInstanceOf(RecogniserException.class);
  }
}
