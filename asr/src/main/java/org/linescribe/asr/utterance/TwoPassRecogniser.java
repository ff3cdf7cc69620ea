package org.linescribe.asr.utterance;

import java.time.Duration;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two passes: a streaming model tells what is being said and where an utterance ends, a model of
 * whole utterances writes the text that stays.
 *
 * <p>Thread: any. Owner of both.
 */
public final class TwoPassRecogniser implements Recogniser {
  private static final Logger LOG = LoggerFactory.getLogger(TwoPassRecogniser.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final Recogniser first;
  private final WholeDecoder second;
  private final RecogniserInfo texts;
  private final DecodeQueue queue;
  private final long saturationMs;

  /**
   * Takes ownership of both and starts the second one's threads.
   *
   * @param texts describes the second one
   */
  public TwoPassRecogniser(
      Recogniser first, WholeDecoder second, RecogniserInfo texts, SchedulerSettings scheduling) {
    this.first = first;
    this.second = second;
    this.texts = texts;
    this.saturationMs = scheduling.saturationBacklog().toMillis();
    this.queue =
        new DecodeQueue(
            second,
            null,
            scheduling.decodeThreads(),
            Duration.ofSeconds(1),
            () -> 0,
            System::nanoTime);
  }

  @Override
  public RecogniserInfo info() {
    return first.info();
  }

  /** The second one's text stays, so it must be told as well. */
  @Override
  public boolean prepare(String languageTag) {
    boolean isSecond = texts.canBeHeldTo(languageTag) && second.prepare(languageTag);
    return first.prepare(languageTag) && isSecond;
  }

  @Override
  public RecogniserLoad load() {
    RecogniserLoad streaming = first.load();
    DecodeQueue.Load texts = queue.load();
    return new RecogniserLoad(
        streaming.openStreams(),
        Math.max(streaming.backlogMs(), texts.lagMs()),
        streaming.saturated() || texts.isBusy() || texts.lagMs() >= saturationMs,
        texts.moreStreams(streaming.openStreams()));
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    SecondPass pass = new SecondPass(audio, listener, queue, second, options.language().orElse(""));
    pass.follow(first.open(audio, options, pass));
    return pass;
  }

  /** Ends the open streams with a failure and waits for the decodings under way. */
  @Override
  public void close() {
    first.close();
    queue.close();
    if (queue.awaitIdle(CLOSE_TIMEOUT)) {
      second.close();
    } else {
      LOG.warn("a decoding still runs; its model stays in memory until it ends");
      Thread.ofPlatform().daemon().name("asr-second-pass-close").start(second::close);
    }
  }
}
