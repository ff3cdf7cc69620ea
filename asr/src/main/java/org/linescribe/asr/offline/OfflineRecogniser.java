package org.linescribe.asr.offline;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.sherpa.OfflineModel;
import org.linescribe.asr.sherpa.OfflineSherpaRecogniser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams on a model that decodes whole utterances: the provider {@code whisper}, whatever the
 * family of its model. An open utterance is decoded anew every second and once more at its end;
 * silence ends it.
 *
 * <p>Thread: any. Owner of the decoder and of the decode threads.
 */
public final class OfflineRecogniser implements Recogniser {
  public static final String PROVIDER = "whisper";

  /** A leg that waits this long has no thread left for it. */
  private static final long SATURATED_MS = 4000;

  private static final Logger LOG = LoggerFactory.getLogger(OfflineRecogniser.class);

  private final WholeDecoder decoder;
  private final RecogniserInfo info;
  private final boolean timed;
  private final OfflineSettings settings;
  private final ExecutorService workers;
  private final Set<OfflineStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param timed whether the decoder's tokens carry their times
   */
  public OfflineRecogniser(
      WholeDecoder decoder, RecogniserInfo info, boolean timed, OfflineSettings settings) {
    this.decoder = decoder;
    this.info = info;
    this.timed = timed;
    this.settings = settings;
    this.workers =
        Executors.newFixedThreadPool(
            settings.decodeThreads(),
            Thread.ofPlatform().daemon().name("asr-offline-", 0).factory());
  }

  /**
   * Loads a folder's model (a transducer or Whisper), after it was tried in a child process.
   *
   * @param language BCP 47 tag of what it is to recognise; empty lets Whisper find out and takes a
   *     transducer for an English one
   * @throws RecogniserException naming the folder and the fault
   */
  public static OfflineRecogniser open(Path directory, String language, OfflineSettings settings) {
    OfflineSherpaRecogniser model = OfflineSherpaRecogniser.tried(directory, language, 1);
    boolean whisper = model.model().kind() == OfflineModel.Kind.WHISPER;
    String spoken = !language.isEmpty() ? language : whisper ? "mul" : "en";
    LOG.info(
        "model {} loaded: offline {}, language {}",
        model.model().name(),
        model.model().kind(),
        spoken);
    return new OfflineRecogniser(
        new WholeDecoder() {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            return model.decode(pcm, startMs);
          }

          @Override
          public void close() {
            model.close();
          }
        },
        new RecogniserInfo(PROVIDER, model.model().name(), spoken, model.model().sampleRateHz()),
        !whisper,
        settings);
  }

  @Override
  public RecogniserInfo info() {
    return info;
  }

  @Override
  public RecogniserLoad load() {
    long backlogMs = open.stream().mapToLong(OfflineStream::backlogMs).max().orElse(0);
    return new RecogniserLoad(open.size(), backlogMs, backlogMs > SATURATED_MS);
  }

  @Override
  public RecogniserStream open(StreamOptions options, RecogniserListener listener) {
    if (closed) {
      throw new RecogniserException("the recogniser is closed");
    }
    OfflineStream stream =
        new OfflineStream(
            this::run,
            listener,
            new OpenUtterance(
                decoder,
                listener,
                settings,
                options.endpointSilence().toMillis(),
                options.startMs(),
                info.sampleRateHz(),
                timed),
            info.sampleRateHz(),
            settings.queueBound().toMillis() * info.sampleRateHz() / 1000,
            open::remove);
    open.add(stream);
    if (closed) {
      stream.fail(new RecogniserException("the recogniser was closed"));
    }
    return stream;
  }

  private void run(Runnable turn) {
    try {
      workers.execute(turn);
    } catch (RejectedExecutionException shutDown) {
      // Told all the same: what waits for a flush must hear of the end.
      Thread.startVirtualThread(turn);
    }
  }

  /**
   * Ends the open streams with a failure and waits up to 30 s for the decoding under way; the model
   * is freed after it. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    open.forEach(stream -> stream.fail(new RecogniserException("the recogniser was closed")));
    workers.shutdown();
    boolean idle = false;
    try {
      idle = workers.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (idle) {
      decoder.close();
    } else {
      LOG.warn("a decoding still runs; its model stays in memory until it ends");
      Thread.ofPlatform().daemon().name("asr-offline-close").start(decoder::close);
    }
  }
}
