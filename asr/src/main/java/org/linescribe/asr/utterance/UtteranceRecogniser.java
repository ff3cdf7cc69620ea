package org.linescribe.asr.utterance;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.stream.LoadSample;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams on a model that decodes whole utterances.
 *
 * <p>Thread: any. Owner of the decoder, the voice activity and their threads.
 */
public final class UtteranceRecogniser implements Recogniser {
  private static final Logger LOG = LoggerFactory.getLogger(UtteranceRecogniser.class);

  /** A cut comes a window of voice activity late at most. */
  private static final int MARGIN_MS = 100;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final WholeDecoder decoder;
  private final VoiceActivity.Factory detectors;
  private final @Nullable TurnModel turns;
  private final RecogniserInfo info;
  private final SchedulerSettings scheduling;
  private final UtteranceSettings settings;
  private final DecodeQueue queue;
  private final LoadSample sample = new LoadSample();
  private final ExecutorService listening;
  private final Set<UtteranceStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private volatile boolean saturated;

  /**
   * Takes ownership of decoder, detectors and turns and starts the threads.
   *
   * @param turns null where silence alone ends utterances
   */
  public UtteranceRecogniser(
      WholeDecoder decoder,
      VoiceActivity.Factory detectors,
      @Nullable TurnModel turns,
      RecogniserInfo info,
      SchedulerSettings scheduling,
      UtteranceSettings settings) {
    this(
        decoder,
        detectors,
        turns,
        info,
        scheduling,
        settings,
        System::nanoTime,
        Executors.newFixedThreadPool(
            Math.max(1, scheduling.decodeThreads() / 2),
            Thread.ofPlatform().daemon().name("asr-voice-", 0).factory()));
  }

  /**
   * @param nanoTime the clock
   * @param listening takes the streams' steps
   */
  UtteranceRecogniser(
      WholeDecoder decoder,
      VoiceActivity.Factory detectors,
      @Nullable TurnModel turns,
      RecogniserInfo info,
      SchedulerSettings scheduling,
      UtteranceSettings settings,
      LongSupplier nanoTime,
      ExecutorService listening) {
    this.decoder = decoder;
    this.detectors = detectors;
    this.turns = turns;
    this.info = info;
    this.scheduling = scheduling;
    this.settings = settings;
    this.queue =
        new DecodeQueue(
            decoder,
            turns,
            scheduling.decodeThreads(),
            settings.partialInterval(),
            this::speaking,
            nanoTime);
    this.listening = listening;
  }

  /** What decodes for its streams. */
  DecodeQueue queue() {
    return queue;
  }

  @Override
  public RecogniserInfo info() {
    return info;
  }

  @Override
  public boolean prepare(String languageTag) {
    return info.canBeHeldTo(languageTag) && decoder.prepare(languageTag);
  }

  /** Streams with an open utterance. */
  private int speaking() {
    return (int) open.stream().filter(UtteranceStream::isSpeaking).count();
  }

  @Override
  public RecogniserLoad load() {
    return sample.get(queue.nowNs(), this::measure);
  }

  private RecogniserLoad measure(long nowNs) {
    long unreadMs = open.stream().mapToLong(stream -> stream.backlogMs(nowNs)).max().orElse(0);
    DecodeQueue.Load load = queue.load();
    long backlogMs = unreadMs + load.lagMs();
    long limitMs = scheduling.saturationBacklog().toMillis();
    // Between the limit and its half the last decision stands: admission shall not flicker.
    if (backlogMs >= limitMs || load.isBusy()) {
      saturated = true;
    } else if (backlogMs < limitMs / 2 && load.isAtEase()) {
      saturated = false;
    }
    return new RecogniserLoad(open.size(), backlogMs, saturated, load.moreStreams(open.size()));
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    if (closed) {
      throw new RecogniserException("the recogniser is closed");
    }
    UtteranceStream stream =
        new UtteranceStream(
            this::run,
            queue,
            decoder,
            detectors,
            turns != null,
            audio,
            options,
            Math.min(settings.window().toMillis(), decoder.maxMs() - MARGIN_MS),
            listener,
            open::remove);
    audio.bound(audio.samples(scheduling.queueBound().toMillis()));
    open.add(stream);
    stream.start();
    if (closed) {
      stream.fail(new RecogniserException("the recogniser was closed"));
    }
    return stream;
  }

  private void run(Runnable step) {
    try {
      listening.execute(step);
    } catch (RejectedExecutionException shutDown) {
      // Told all the same: what waits for a flush must hear of the end.
      Thread.startVirtualThread(step);
    }
  }

  /**
   * Ends the open streams with a failure and waits up to 30 s for the decodings under way; the
   * model is freed after them. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    open.forEach(stream -> stream.fail(new RecogniserException("the recogniser was closed")));
    queue.close();
    listening.shutdown();
    boolean idle = queue.awaitIdle(CLOSE_TIMEOUT);
    try {
      idle &= listening.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      idle = false;
    }
    if (idle) {
      decoder.close();
      detectors.close();
      if (turns != null) {
        turns.close();
      }
    } else {
      LOG.warn("a decoding still runs; its model stays in memory until it ends");
      Thread.ofPlatform().daemon().name("asr-utterance-close").start(decoder::close);
    }
  }
}
