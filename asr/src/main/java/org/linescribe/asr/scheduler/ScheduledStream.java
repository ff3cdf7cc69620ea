package org.linescribe.asr.scheduler;

import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.asr.stream.LegStream;
import org.linescribe.asr.stream.ModelReader;

/**
 * One leg in the scheduler: its steps decode one chunk each, in batches with those of other legs.
 *
 * <p>Thread: the worker that took the stream from the ready queue, until it gives it back.
 */
final class ScheduledStream extends LegStream {
  /** Silence decoded before the rest of a longer one is jumped over. */
  private static final int JUMP_AFTER_MS = 1000;

  private final BatchingRecogniser recogniser;
  private final ModelReader pcm;
  private final NativeLeg leg;
  private final long jumpAfterSamples;
  private volatile int needed;
  private volatile long readySinceNs;
  private long silentSamples;
  private long renewalsSeen;
  private boolean sentFaster;

  ScheduledStream(
      BatchingRecogniser recogniser,
      StreamingEngine engine,
      SchedulerSettings settings,
      LegReader audio,
      StreamOptions options,
      RecogniserListener listener) {
    super(audio, listener);
    this.recogniser = recogniser;
    this.pcm = new ModelReader(audio, engine.sampleRateHz());
    this.jumpAfterSamples =
        Math.max(
            (long) JUMP_AFTER_MS * engine.sampleRateHz() / 1000,
            2L * engine.chunking().firstSamples() + engine.chunking().shiftSamples());
    UtteranceTracker tracker =
        new UtteranceTracker(
            options.endpointSilence().toMillis(),
            settings.maxUtterance().toMillis(),
            audio.ms(audio.position()));
    this.leg =
        new NativeLeg(engine, options.hotwords(), tracker, pcm, settings.idleRenewal().toMillis());
    this.needed = leg.needed();
    audio.bound(settings.queueBound().toMillis() * audio.sampleRateHz() / 1000);
  }

  @Override
  protected void enqueue(boolean afterStep) {
    // What is ready at the end of a step has waited for that step: not for company once more.
    readySinceNs = System.nanoTime() - (afterStep ? recogniser.maxWaitNs() : 0);
    recogniser.enqueue(this);
  }

  @Override
  protected boolean hasWork() {
    return pendingFlush() != null || pcm.available() >= needed;
  }

  @Override
  protected void release() {
    leg.close();
  }

  @Override
  protected void ended(boolean failed) {
    if (failed) {
      recogniser.metrics().failures.increment();
    }
    recogniser.ended(this);
  }

  long readySinceNs() {
    return readySinceNs;
  }

  /** How long a whole chunk of audio has waited for its step. */
  long waitedMs(long nowNs) {
    return Math.max(0, backlogMs(nowNs) - needed * 1000L / recogniser.info().sampleRateHz());
  }

  /**
   * Whether its audio comes as it is spoken. What comes faster, a file or a burst of a client,
   * waits for no fault of the decoders, until it has been caught up with.
   *
   * @param behindMs more than this waits of no stream that is decoded as it is spoken
   */
  boolean isSpoken(long behindMs, long nowNs) {
    if (pcm.available() * 1000L / recogniser.info().sampleRateHz() >= behindMs) {
      sentFaster = true;
    } else if (waitedMs(nowNs) == 0) {
      sentFaster = false;
    }
    return !sentFaster;
  }

  /** Takes the step: feeds one chunk at most. Null when there is nothing to decode this step. */
  @Nullable EngineStream beginStep() {
    if (!begin()) {
      return null;
    }
    try {
      if (!leg.isFinishing()) {
        feed();
      }
      if (leg.isReady()) {
        return leg.ready();
      }
      completeFlushIfReached();
    } catch (RuntimeException | Error e) {
      failWith(e);
    }
    return null;
  }

  /** After this stream's chunk was decoded. */
  void decoded() {
    try {
      leg.decoded().ifPresent(h -> tell(() -> listener().onHypothesis(h)));
      if (leg.isFinishing()) {
        return;
      }
      leg.endpoint()
          .ifPresent(
              f -> {
                tell(f);
                if (leg.isOverdue()) {
                  leg.renewNow();
                }
              });
      leg.renewIfDue();
    } catch (RuntimeException | Error e) {
      failWith(e);
    }
  }

  /** Its decode failed: it ends, and no other stream. */
  void decodeFailed(Throwable e) {
    failWith(e);
  }

  /** Gives the step back, or queues for the next one when there is work. */
  void endStep() {
    recogniser.metrics().renewals.increment(leg.renewals() - renewalsSeen);
    renewalsSeen = leg.renewals();
    recogniser.metrics().refusedSamples.increment(audio().takeRefusedSamples());
    needed = leg.needed();
    giveBack();
  }

  private void feed() {
    long jumped = jumpable();
    if (jumped > 0) {
      leg.jump(jumped);
    }
    // Silence that came since, and is shorter than a chunk, opens no native stream.
    long available = Math.min(pcm.available(), samplesToFlush());
    if (!leg.hasStream() && pcm.silence() >= available) {
      return;
    }
    long silence = pcm.silence();
    int fed = leg.feed((int) Math.min(leg.needed(), samplesToFlush()));
    silentSamples = silence >= fed ? silentSamples + fed : 0;
  }

  private long samplesToFlush() {
    Input.@Nullable Flush flush = pendingFlush();
    return flush == null
        ? Long.MAX_VALUE
        : Math.max(0, pcm.ofLeg(flush.position()) - pcm.position());
  }

  /**
   * Silence at the cursor that need not be decoded: nothing was heard before it, or a second of it
   * was decoded and no word came.
   */
  private long jumpable() {
    long toFlush = samplesToFlush();
    long silence = Math.min(pcm.silence(), toFlush);
    if (!leg.hasStream()) {
      return silence >= leg.needed() || silence == toFlush ? silence : 0;
    }
    return silentSamples >= jumpAfterSamples && !leg.isOpen() && silence > jumpAfterSamples
        ? silence
        : 0;
  }

  private void completeFlushIfReached() {
    Input.@Nullable Flush flush = pendingFlush();
    if (flush == null || samplesToFlush() > 0) {
      return;
    }
    if (leg.hasStream() && !leg.isFinishing()) {
      leg.finish();
      if (leg.isReady()) {
        return;
      }
    }
    leg.finished().ifPresent(this::tell);
    silentSamples = 0;
    complete(flush);
  }

  private void tell(UtteranceTracker.Finished finished) {
    tell(() -> listener().onEndpoint(finished.hypothesis(), finished.accountedToMs()));
  }
}
