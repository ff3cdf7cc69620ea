package org.linescribe.asr.queued;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;

class QueuedStreamTest {
  private static final int RATE = 1000;
  private static final int PIECE = RATE / 10;
  private static final int BOUND = 10 * PIECE;

  /** Turns that are due; the test is the worker. */
  private final Deque<Runnable> due = new ArrayDeque<>();

  private final List<String> told = new ArrayList<>();
  private final List<String> taken = new ArrayList<>();
  private final List<QueuedStream> ended = new ArrayList<>();
  private int piecesPerTurn = Integer.MAX_VALUE;
  private boolean takerThrows;
  private boolean holdsFlushes;
  private final Stream stream = new Stream();

  private void work() {
    for (Runnable turn = due.poll(); turn != null; turn = due.poll()) {
      turn.run();
    }
  }

  @Test
  void givesWhatCameInItsOrderAndInPieces() {
    float[] pcm = new float[250];
    pcm[0] = 0.5f;
    pcm[249] = 0.25f;
    assertThat(stream.accept(pcm, 0, 250)).isTrue();
    stream.skip(70);
    CompletableFuture<Void> flushed = stream.flush().toCompletableFuture();
    assertThat(stream.accept(pcm, 0, 10)).isTrue();

    work();

    assertThat(taken)
        .containsExactly(
            "audio 100 0.5",
            "audio 100 0.0",
            "audio 50 0.25",
            "silence 70",
            "flush",
            "audio 10 0.5");
    assertThat(flushed).isCompleted();
    assertThat(stream.backlogMs()).isZero();
  }

  @Test
  void turnsComeOneAtATimeAndOnceMoreWhenSomethingCameInBetween() {
    piecesPerTurn = 1;
    stream.accept(new float[3 * PIECE], 0, 3 * PIECE);
    assertThat(due).hasSize(1);

    due.remove().run();

    assertThat(taken).hasSize(1);
    assertThat(due).as("the next turn").hasSize(1);
    stream.wake();
    stream.wake();
    assertThat(due).as("still one").hasSize(1);
    work();
    assertThat(taken).hasSize(3);
  }

  @Test
  void refusesBeyondTheBoundAndTellsOnceWhenHalfIsFree() {
    for (int i = 0; i < 10; i++) {
      assertThat(stream.accept(new float[PIECE], 0, PIECE)).isTrue();
    }
    assertThat(stream.accept(new float[PIECE], 0, PIECE)).isFalse();
    assertThat(stream.backlogMs()).isEqualTo(1000);
    piecesPerTurn = 1;
    for (int i = 0; i < 4; i++) {
      due.remove().run();
    }
    assertThat(told).isEmpty();
    due.remove().run();
    assertThat(told).containsExactly("writable");
    work();
    assertThat(told).containsExactly("writable");
  }

  @Test
  void takesAnyLengthWhenNothingWaits() {
    assertThat(stream.accept(new float[3 * BOUND], 0, 3 * BOUND)).isTrue();
    assertThat(stream.accept(new float[1], 0, 1)).isFalse();
  }

  @Test
  void takesZeroForWhatIsNotANumberAndKeepsTheCallersArray() {
    float[] pcm = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1};
    stream.accept(pcm, 0, 4);
    pcm[3] = 0;

    work();

    assertThat(taken).containsExactly("audio 4 1.0");
    assertThat(pcm[0]).isNaN();
  }

  @Test
  void endsOnceByWhatATurnThrowsWithEveryFlushThatIsOpen() {
    holdsFlushes = true;
    CompletableFuture<Void> held = stream.flush().toCompletableFuture();
    work();
    CompletableFuture<Void> waiting = stream.flush().toCompletableFuture();
    takerThrows = true;
    stream.accept(new float[1], 0, 1);

    work();

    assertThat(told).containsExactly("failure: a recogniser's stream failed: java.lang.Error: bug");
    assertThat(held).isCompletedExceptionally();
    assertThat(waiting).isCompletedExceptionally();
    assertThat(stream.released).isEqualTo(1);
    assertThat(ended).containsExactly(stream);
    stream.fail(new RecogniserException("later"));
    stream.close();
    stream.wake();
    work();
    assertThat(told).hasSize(1);
    assertThat(stream.released).isEqualTo(1);
    assertThat(stream.accept(new float[1], 0, 1)).isFalse();
    assertThat(stream.flush().toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void tellsNothingAfterItWasClosedAndFailsWhatWasFlushed() {
    stream.accept(new float[1], 0, 1);
    CompletableFuture<Void> flushed = stream.flush().toCompletableFuture();
    stream.close();
    stream.fail(new RecogniserException("too late"));

    work();

    assertThat(taken).isEmpty();
    assertThat(told).isEmpty();
    assertThatThrownBy(flushed::join)
        .hasRootCauseInstanceOf(RecogniserException.class)
        .hasRootCauseMessage("the stream is closed");
    assertThat(stream.released).isEqualTo(1);
    assertThat(ended).containsExactly(stream);
  }

  @Test
  void closingInMidTurnEndsItBehindThatTurn() {
    stream.accept(new float[2 * PIECE], 0, 2 * PIECE);
    stream.inTurn =
        () -> {
          stream.close();
          assertThat(stream.released).isZero();
          assertThat(due).as("no second turn beside this one").isEmpty();
        };

    work();

    assertThat(taken).hasSize(1);
    assertThat(stream.released).isEqualTo(1);
  }

  @Test
  void refusesToSkipBackwards() {
    assertThatThrownBy(() -> stream.skip(-1)).hasMessage("samples: -1 (expected: >= 0)");
  }

  private final class Stream extends QueuedStream {
    int released;
    Runnable inTurn = () -> {};

    Stream() {
      super(due::add, new Ear(), RATE, BOUND, ended::add);
    }

    @Override
    public long queuedMs() {
      return backlogMs();
    }

    @Override
    protected void turn() {
      for (int i = 0; i < piecesPerTurn; i++) {
        Input next = next();
        if (next == null) {
          return;
        }
        if (takerThrows) {
          throw new Error("bug");
        }
        switch (next) {
          case Input.Audio audio -> {
            float[] pcm = audio.pcm();
            float loudest = 0;
            for (float sample : pcm) {
              loudest = Math.max(loudest, sample);
            }
            taken.add("audio " + pcm.length + " " + loudest);
            passed(audio);
          }
          case Input.Silence(long samples) -> taken.add("silence " + samples);
          case Input.Flush flush -> {
            taken.add("flush");
            if (!holdsFlushes) {
              complete(flush);
            }
          }
        }
        inTurn.run();
      }
      wake();
    }

    @Override
    protected void release() {
      released++;
    }
  }

  private final class Ear implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {}

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {}

    @Override
    public void onWritable() {
      told.add("writable");
    }

    @Override
    public void onFailure(RecogniserException failure) {
      told.add("failure: " + failure.getMessage());
    }
  }
}
