package org.linescribe.asr.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;

class LegStreamTest {
  private static final int RATE = 1000;
  private static final int PIECE = RATE / 10;
  private static final int BOUND = 10 * PIECE;

  /** Steps that are due; the test is the worker. */
  private final Deque<Runnable> due = new ArrayDeque<>();

  private final List<String> told = new ArrayList<>();
  private final List<String> taken = new ArrayList<>();
  private final List<LegStream> ended = new ArrayList<>();
  private int piecesPerStep = Integer.MAX_VALUE;
  private boolean takerThrows;
  private boolean holdsFlushes;
  private final LegAudio leg = new LegAudio(RATE);
  private final LegReader reader = leg.reader(0, () -> told.add("space"));
  private final Stream stream = new Stream();

  LegStreamTest() {
    reader.bound(BOUND);
    stream.start();
    work();
  }

  private void append(short... pcm) {
    leg.append(pcm, 0, pcm.length, 0);
  }

  private void work() {
    for (Runnable step = due.poll(); step != null; step = due.poll()) {
      step.run();
    }
  }

  @Test
  void givesWhatCameInItsOrderAndInPieces() {
    short[] pcm = new short[250];
    pcm[0] = 500;
    pcm[249] = 250;
    append(pcm);
    leg.appendSilence(70, 0);
    CompletableFuture<Void> flushed = stream.flush().toCompletableFuture();
    leg.append(pcm, 0, 10, 0);

    work();

    assertThat(taken)
        .containsExactly(
            "audio 100 500", "audio 100 0", "audio 50 250", "silence 70", "flush", "audio 10 500");
    assertThat(flushed).isCompleted();
    assertThat(stream.backlogMs(1_000_000_000)).isZero();
  }

  @Test
  void turnsComeOneAtATimeAndOnceMoreWhenSomethingCameInBetween() {
    piecesPerStep = 1;
    append(new short[3 * PIECE]);
    assertThat(due).hasSize(1);

    due.remove().run();

    assertThat(taken).hasSize(1);
    assertThat(due).as("the next step").hasSize(1);
    stream.wake();
    stream.wake();
    assertThat(due).as("still one").hasSize(1);
    work();
    assertThat(taken).hasSize(3);
  }

  @Test
  void hasNoSpaceBeyondTheBoundAndTellsOnceWhenHalfIsFree() {
    assertThat(reader.space(BOUND)).isEqualTo(BOUND);
    append(new short[BOUND]);
    assertThat(reader.space(PIECE)).isZero();
    piecesPerStep = 1;
    for (int i = 0; i < 4; i++) {
      due.remove().run();
    }
    assertThat(told).isEmpty();
    due.remove().run();
    assertThat(told).containsExactly("space");
    work();
    assertThat(told).containsExactly("space");
  }

  @Test
  void readsNoFurtherThanItsLimit() {
    append(new short[50]);
    reader.limit(30);
    work();
    assertThat(taken).containsExactly("audio 30 0");
    CompletableFuture<Void> flushed = stream.flush().toCompletableFuture();
    append(new short[10]);
    work();
    assertThat(flushed).isCompleted();

    reader.limit(Long.MAX_VALUE);
    work();

    assertThat(taken).containsExactly("audio 30 0", "flush", "audio 30 0");
  }

  @Test
  void endsOnceByWhatATurnThrowsWithEveryFlushThatIsOpen() {
    holdsFlushes = true;
    CompletableFuture<Void> held = stream.flush().toCompletableFuture();
    work();
    CompletableFuture<Void> waiting = stream.flush().toCompletableFuture();
    takerThrows = true;
    append((short) 1);

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
    assertThat(stream.flush().toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void tellsNothingAfterItWasClosedAndFailsWhatWasFlushed() {
    append((short) 1);
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
    append(new short[2 * PIECE]);
    stream.inStep =
        () -> {
          stream.close();
          assertThat(stream.released).isZero();
          assertThat(due).as("no second step beside this one").isEmpty();
        };

    work();

    assertThat(taken).hasSize(1);
    assertThat(stream.released).isEqualTo(1);
  }

  private final class Stream extends LegStream {
    int released;
    Runnable inStep = () -> {};

    Stream() {
      super(reader, new Listener());
    }

    @Override
    protected void enqueue(boolean afterStep) {
      due.add(() -> run(this::step));
    }

    @Override
    protected void ended(boolean failed) {
      ended.add(this);
    }

    private void step() {
      for (int i = 0; i < piecesPerStep; i++) {
        Input next = next();
        if (next == null) {
          return;
        }
        if (takerThrows) {
          throw new Error("bug");
        }
        switch (next) {
          case Input.Audio(short[] pcm) -> {
            int loudest = 0;
            for (short sample : pcm) {
              loudest = Math.max(loudest, sample);
            }
            taken.add("audio " + pcm.length + " " + loudest);
          }
          case Input.Silence(long samples) -> taken.add("silence " + samples);
          case Input.Flush flush -> {
            taken.add("flush");
            if (holdsFlushes) {
              return;
            }
            complete(flush);
          }
        }
        inStep.run();
      }
      wake();
    }

    @Override
    protected void release() {
      released++;
    }
  }

  private final class Listener implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {}

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {}

    @Override
    public void onFailure(RecogniserException failure) {
      told.add("failure: " + failure.getMessage());
    }
  }
}
