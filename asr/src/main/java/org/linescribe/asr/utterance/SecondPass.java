package org.linescribe.asr.utterance;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.stream.ModelReader;

/**
 * One leg's second pass: takes what the streaming model tells, and tells it on in the same order,
 * finals with the text of the second model. What the second model cannot read keeps the first one's
 * text.
 *
 * <p>The leg keeps the audio of an utterance until its final was told. While finals wait, the
 * newest partial behind them waits too. Bound: finals come no faster than speech, and admission
 * looks at what waits.
 *
 * <p>Thread: any; the listener is called by one thread at a time, outside the lock.
 */
final class SecondPass implements RecogniserListener, RecogniserStream, Decoding.Owner {
  /** Audio before the first model's begin of speech, and behind its end, that is decoded. */
  private static final int LEAD_MS = 400;

  private static final int TAIL_MS = 250;

  private sealed interface Told {
    record Partial(Hypothesis hypothesis) implements Told {}

    record Final(Hypothesis first, long decodedToMs, Decoding second) implements Told {}

    record Flushed(CompletableFuture<Void> stage) implements Told {}
  }

  private final LegReader audio;
  private final RecogniserListener listener;
  private final DecodeQueue queue;
  private final int rateHz;
  private final String language;
  private final ModelReader model;
  private final Object lock = new Object();
  private final ArrayDeque<Told> waiting = new ArrayDeque<>();
  private @Nullable RecogniserStream stream;
  private long decodedToMs;
  private boolean telling;
  private volatile boolean closed;

  /**
   * @param language what is spoken, a tag; empty where nobody said
   */
  SecondPass(
      LegReader audio,
      RecogniserListener listener,
      DecodeQueue queue,
      WholeDecoder decoder,
      String language) {
    this.audio = audio;
    this.language = language;
    this.listener = listener;
    this.queue = queue;
    this.rateHz = decoder.sampleRateHz();
    this.model = new ModelReader(audio, rateHz);
    this.decodedToMs = audio.ms(audio.position());
  }

  void follow(RecogniserStream opened) {
    synchronized (lock) {
      stream = opened;
    }
  }

  @Override
  public void onHypothesis(Hypothesis hypothesis) {
    synchronized (lock) {
      waiting.removeIf(told -> told instanceof Told.Partial);
      waiting.addLast(new Told.Partial(hypothesis));
    }
    tell();
  }

  @Override
  public void onEndpoint(Hypothesis hypothesis, long toMs) {
    long fromMs = Math.max(decodedToMs, hypothesis.startMs() - LEAD_MS);
    long from = audio.samples(fromMs);
    long to = Math.min(audio.end(), audio.samples(hypothesis.endMs() + TAIL_MS));
    decodedToMs = Math.max(decodedToMs, Math.min(toMs, hypothesis.endMs()));
    float[] pcm = model.window(from, Math.toIntExact(Math.max(0, to - from)), 0);
    Decoding second = new Decoding(this, from, to, fromMs, pcm, rateHz);
    second.language = language;
    synchronized (lock) {
      waiting.removeIf(told -> told instanceof Told.Partial);
      waiting.addLast(new Told.Final(hypothesis, toMs, second));
    }
    queue.submit(second, true);
  }

  @Override
  public void onFailure(RecogniserException failure) {
    end(failure);
    listener.onFailure(failure);
  }

  @Override
  public void decoded() {
    tell();
  }

  @Override
  public boolean isGone() {
    return closed;
  }

  @Override
  public CompletionStage<Void> flush() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    RecogniserStream first;
    synchronized (lock) {
      first = stream;
    }
    if (first == null || closed) {
      return CompletableFuture.failedStage(new RecogniserException("the stream is closed"));
    }
    first
        .flush()
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                stage.completeExceptionally(failure);
                return;
              }
              synchronized (lock) {
                waiting.addLast(new Told.Flushed(stage));
              }
              if (closed) {
                // What it waits behind may never be decoded.
                stage.completeExceptionally(new RecogniserException("the stream is closed"));
              }
              tell();
            });
    return stage.minimalCompletionStage();
  }

  @Override
  public void close() {
    RecogniserStream first;
    synchronized (lock) {
      first = stream;
    }
    if (first != null) {
      first.close();
    }
    end(new RecogniserException("the stream is closed"));
  }

  private void end(RecogniserException why) {
    closed = true;
    queue.forget(this);
    List<Told> left;
    synchronized (lock) {
      left = List.copyOf(waiting);
      waiting.clear();
    }
    for (Told told : left) {
      if (told instanceof Told.Flushed(CompletableFuture<Void> stage)) {
        stage.completeExceptionally(why);
      }
    }
  }

  /** Tells what is ready, in order. Whoever finds another thread at it leaves it to that one. */
  private void tell() {
    try {
      for (Told next = next(false); next != null; next = next(true)) {
        switch (next) {
          case Told.Partial(Hypothesis hypothesis) -> listener.onHypothesis(hypothesis);
          case Told.Final told -> listener.onEndpoint(written(told), told.decodedToMs());
          case Told.Flushed(CompletableFuture<Void> stage) -> stage.complete(null);
        }
      }
    } catch (RuntimeException | Error thrown) {
      RecogniserException failure =
          new RecogniserException("a recogniser's stream failed: " + thrown, thrown);
      close();
      listener.onFailure(failure);
    }
  }

  /** The oldest that is ready, if nobody else is telling. */
  private @Nullable Told next(boolean mine) {
    synchronized (lock) {
      if (telling && !mine) {
        return null;
      }
      Told oldest = waiting.peekFirst();
      boolean ready =
          oldest != null && !(oldest instanceof Told.Final told && !told.second().isDone());
      telling = ready;
      return ready ? waiting.pollFirst() : null;
    }
  }

  private static Hypothesis written(Told.Final told) {
    Hypothesis first = told.first();
    Hypothesis second = told.second().result();
    if (second == null) {
      return first;
    }
    String text = SpokenText.of(second.text(), first.endMs() - first.startMs());
    return text.isEmpty()
        ? first
        : new Hypothesis(text, List.of(), first.startMs(), first.endMs(), second.language());
  }
}
