package org.linescribe.asr.worker;

import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;

/**
 * A stream that a worker decodes. What it was fed is kept here as long as it is open, so that
 * another worker can be brought to the same place: fed the same audio and asked for as many
 * decodes. Where that one reads other words there, the stream fails, and its leg's audio is decoded
 * again from the last final on, as after any failure.
 *
 * <p>A failure is told by the next {@link #isReady} or {@link #result}, so that it ends this stream
 * and no other of its batch.
 *
 * <p>Thread: one at a time.
 */
final class WorkerStream implements EngineStream {
  /** Of a stream; the scheduler replaces streams that are older than that. */
  private static final int KEPT_SECONDS = 300;

  private final WorkerEngine engine;
  private final Hotwords hotwords;
  private final List<float[]> audio = new ArrayList<>();
  private long acceptedSamples;
  private int sentPieces;
  private int sendingPieces;
  private boolean finished;
  private boolean finishSent;
  private boolean finishSending;
  private boolean isKept = true;
  private int decodes;
  private boolean ready;
  private EngineResult latest = new EngineResult("", List.of(), List.of(), List.of());
  private @Nullable WorkerProcess worker;
  private long number;
  private boolean opened;

  /** The worker may have it, also where its first step failed. */
  private boolean announced;

  private int replayed;
  private EngineResult replayedResult = latest;
  private int deaths;
  private boolean onProbation;
  private @Nullable RecogniserException failure;

  WorkerStream(WorkerEngine engine, Hotwords hotwords) {
    this.engine = engine;
    this.hotwords = hotwords;
  }

  @Override
  public void accept(float[] pcm, int length) {
    if (finished) {
      throw new RecogniserException("audio after the stream's end");
    }
    if (length == 0) {
      return;
    }
    audio.add(Arrays.copyOf(pcm, length));
    acceptedSamples += length;
    isKept &= acceptedSamples <= (long) KEPT_SECONDS * engine.sampleRateHz();
  }

  @Override
  public void finish() {
    finished = true;
  }

  @Override
  public boolean isReady() {
    throwFailure();
    if (!finished && engine.isExact()) {
      return acceptedSamples
          >= engine.chunking().firstSamples() + (long) decodes * engine.chunking().shiftSamples();
    }
    if (!isAllSent()) {
      engine.ask(this);
      throwFailure();
    }
    return ready;
  }

  @Override
  public EngineResult result() {
    throwFailure();
    return latest;
  }

  private void throwFailure() {
    RecogniserException known = failure;
    if (known != null) {
      throw known;
    }
  }

  private boolean isAllSent() {
    return opened && sentPieces == audio.size() && finishSent == finished;
  }

  // For the engine.

  boolean hasFailed() {
    return failure != null;
  }

  void fail(RecogniserException cause) {
    failure = cause;
    leave();
    audio.clear();
  }

  /** The worker that has it, if that serves. */
  @Nullable WorkerProcess worker() {
    WorkerProcess mine = worker;
    return mine != null && mine.isAlive() ? mine : null;
  }

  /** Goes to a worker, where it is to be brought to the place that it had reached. */
  void join(WorkerProcess next) {
    leave();
    if (decodes > 0 && !isKept) {
      throw new RecogniserException("too long a stream to be decoded again after its worker ended");
    }
    worker = next;
    next.load.incrementAndGet();
    number = engine.nextNumber();
    opened = false;
    announced = false;
    sentPieces = 0;
    finishSent = false;
    replayed = 0;
    replayedResult = new EngineResult("", List.of(), List.of(), List.of());
  }

  private void leave() {
    WorkerProcess mine = worker;
    worker = null;
    if (mine != null) {
      mine.load.decrementAndGet();
      if (announced && mine.isAlive()) {
        mine.closedStreams.add(number);
      }
    }
  }

  boolean isReplaying() {
    return replayed < decodes;
  }

  /** Whether a worker has ended while it was asked for this stream; it is to be asked alone. */
  boolean isOnProbation() {
    return onProbation;
  }

  /**
   * A worker ended while it was asked for this stream.
   *
   * @param alone whether it was asked for nothing else, so that this is the cause
   */
  void died(boolean alone) {
    onProbation = true;
    deaths += alone ? 1 : 0;
    if (deaths >= WorkerPool.MAX_DEATHS) {
      fail(new RecogniserException("its decoding ended " + deaths + " worker processes"));
    }
  }

  /** Samples of the next entry. */
  long sendableSamples(long atMost) {
    long samples = 0;
    for (int i = sentPieces; i < audio.size() && samples < atMost; i++) {
      samples += audio.get(i).length;
    }
    return samples;
  }

  /**
   * Writes its entry of a step.
   *
   * @param wanted decodes of a stream that has reached its place
   */
  void write(Frame to, int wanted, long mostSamples) {
    int until = sentPieces;
    int samples = 0;
    while (until < audio.size() && samples < mostSamples) {
      samples += audio.get(until).length;
      until++;
    }
    sendingPieces = until;
    finishSending = finished && until == audio.size();
    int flags = (opened ? 0 : Messages.OPENS) | (finishSending ? Messages.FINISHES : 0);
    announced = true;
    to.put(number).put((byte) flags);
    if (!opened) {
      to.putTexts(hotwords.phrases());
    }
    to.put(isReplaying() ? decodes - replayed : wanted).put(samples);
    for (int i = sentPieces; i < until; i++) {
      to.putSamples(audio.get(i), 0, audio.get(i).length);
    }
  }

  /** What became of an entry; a failure ends the stream. */
  record Answer(String failure, boolean ready, int decoded, @Nullable EngineResult changed) {
    static Answer read(Frame from) throws ProtocolException {
      if (!from.getBoolean()) {
        return new Answer(from.getText(), false, 0, null);
      }
      boolean ready = from.getBoolean();
      int decoded = from.getInt();
      return new Answer("", ready, decoded, from.getBoolean() ? Messages.readResult(from) : null);
    }
  }

  /** The entry that was written was answered. */
  void answered(Answer answer, int wanted) {
    if (!answer.failure().isEmpty()) {
      fail(new RecogniserException(answer.failure()));
      return;
    }
    boolean replaying = isReplaying();
    opened = true;
    sentPieces = sendingPieces;
    finishSent = finishSending;
    ready = answer.ready();
    if (replaying) {
      replayed += answer.decoded();
      replayedResult = Objects.requireNonNullElse(answer.changed(), replayedResult);
      checkReplay();
      return;
    }
    deaths = wanted > 0 ? 0 : deaths;
    onProbation &= wanted == 0;
    decodes += answer.decoded();
    replayed = decodes;
    latest = Objects.requireNonNullElse(answer.changed(), latest);
    if (!isKept) {
      audio.subList(0, sentPieces).clear();
      sentPieces = 0;
    }
    if (answer.decoded() < wanted) {
      engine.inexact();
      fail(new RecogniserException("decode: the stream is not ready"));
    }
  }

  private void checkReplay() {
    if (isReplaying()) {
      if (sentPieces == audio.size()) {
        fail(new RecogniserException("another worker decodes less of the same audio"));
      }
    } else if (!replayedResult.tokens().equals(latest.tokens())) {
      fail(new RecogniserException("another worker reads the same audio differently"));
    } else {
      engine.countReplay();
    }
  }

  @Override
  public void close() {
    if (failure == null) {
      fail(new RecogniserException("the stream is closed"));
    }
  }
}
