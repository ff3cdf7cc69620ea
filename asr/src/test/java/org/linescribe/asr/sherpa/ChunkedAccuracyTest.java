package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.chunked.ChunkedRecogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.WordDistance;

/** A long recording decoded in parts says what it says in one piece. */
class ChunkedAccuracyTest {
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

  /** Everything said, and a way to wait for the failure. */
  private static final class FailingTranscript extends Transcript {
    final CountDownLatch failed = new CountDownLatch(1);

    @Override
    public void onFailure(RecogniserException failure) {
      super.onFailure(failure);
      failed.countDown();
    }
  }

  private static FailingTranscript recognise(Recogniser recogniser) throws Exception {
    FailingTranscript results = new FailingTranscript();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      stream.feed(recording, 0, recording.length);
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      assertThat(stream.isRead()).isTrue();
    }
    assertThat(results.failures).isEmpty();
    return results;
  }

  @Test
  void saysTheSameInChunksAsInOnePieceInTheOrderOfTheAudio() throws Exception {
    FailingTranscript inOnePiece = recognise(whole);
    FailingTranscript inChunks;
    try (ChunkedRecogniser chunked = new ChunkedRecogniser(whole, 8, Duration.ofSeconds(5))) {
      inChunks = recognise(chunked);
    }

    int wholeErrors = WordDistance.between(words, inOnePiece.text());
    int chunkedErrors = WordDistance.between(words, inChunks.text());
    int difference = WordDistance.between(inOnePiece.text(), inChunks.text());
    System.out.printf(
        "%d words: %d errors in one piece, %d in chunks, %d words differ%n",
        WordDistance.words(words).size(), wholeErrors, chunkedErrors, difference);
    assertThat(WordDistance.words(words)).hasSize(132);
    assertThat(chunkedErrors).isLessThanOrEqualTo(wholeErrors + 2);
    assertThat(difference).isLessThanOrEqualTo(2);
    assertThat(inChunks.finals)
        .isSortedAccordingTo(Comparator.comparingLong(f -> f.hypothesis().startMs()));
    assertThat(inChunks.finals.size()).isCloseTo(inOnePiece.finals.size(), Offset.offset(2));
    List<Token> wholeTokens = tokens(inOnePiece);
    assertThat(tokens(inChunks))
        .filteredOn(token -> wholeTokens.stream().noneMatch(other -> isSame(token, other)))
        .as("words that stand elsewhere")
        .hasSizeLessThanOrEqualTo(3);
    assertThat(inChunks.finals.getLast().decodedToMs())
        .isLessThanOrEqualTo(recording.length * 1000L / RATE);
  }

  private static List<Token> tokens(FailingTranscript results) {
    return results.finals.stream().flatMap(f -> f.hypothesis().tokens().stream()).toList();
  }

  private static boolean isSame(Token token, Token other) {
    return token.text().equals(other.text()) && Math.abs(token.startMs() - other.startMs()) <= 200;
  }

  @Test
  void endsItsStreamsAndTheirFlushesWhenItIsClosed() throws Exception {
    FailingTranscript results = new FailingTranscript();
    ChunkedRecogniser chunked = new ChunkedRecogniser(whole, 4, Duration.ofSeconds(5));
    FedStream stream = FedStream.open(chunked, StreamOptions.defaults(), results);
    stream.accept(recording, 0, RATE);

    chunked.close();

    assertThat(results.failed.await(5, TimeUnit.MINUTES)).isTrue();
    assertThat(stream.isDead()).isTrue();
    assertThat(stream.flush().toCompletableFuture())
        .failsWithin(Duration.ofMinutes(5))
        .withThrowableThat()
        .withRootCauseInstanceOf(RecogniserException.class);
  }
}
