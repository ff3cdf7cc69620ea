package org.linescribe.asr.chunked;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * Decodes each of its streams as several of another recogniser's, cut where nobody speaks for as
 * long as ends an utterance anyway. What the listener hears is in the order of the audio, as if one
 * stream had decoded it all; a file that is fed at once is decoded by all decode threads, and even
 * one thread gains, because several streams share its native calls.
 *
 * <p>For live audio it does no harm and no good: a chunk is decoded while it arrives.
 *
 * <p>Thread: any. The other recogniser is borrowed and stays open.
 */
public final class ChunkedRecogniser implements Recogniser {
  /** Appended to the wrapped recogniser's provider name. */
  public static final String SUFFIX = "-parts";

  private final Recogniser recogniser;
  private final int chunks;
  private final Duration chunkLength;
  private final Set<ChunkedStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param chunks decoded at one time, 1 to 64; more than there are decode threads, because a
   *     thread decodes several for little more than the price of one
   * @param chunkLength shortest chunk, 2 s to 60 s; chunks times length is the audio that waits in
   *     memory
   */
  public ChunkedRecogniser(Recogniser recogniser, int chunks, Duration chunkLength) {
    if (chunks < 1 || chunks > 64) {
      throw new IllegalArgumentException("chunks: " + chunks + " (expected: 1..64)");
    }
    if (chunkLength.toMillis() < 2_000 || chunkLength.toMillis() > 60_000) {
      throw new IllegalArgumentException("chunkLength: " + chunkLength + " (expected: 2..60 s)");
    }
    this.recogniser = recogniser;
    this.chunks = chunks;
    this.chunkLength = chunkLength;
  }

  /**
   * Chunks of at least 5 s, as many as keep the decode threads busy in batches and no more than 50
   * s of audio in all: the session pipeline keeps 60 s to replay when a recogniser fails.
   */
  public static ChunkedRecogniser of(Recogniser recogniser) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new ChunkedRecogniser(recogniser, Math.clamp(4L * cores, 4, 10), Duration.ofSeconds(5));
  }

  /** The wrapped recogniser's, with {@link #SUFFIX}. */
  @Override
  public RecogniserInfo info() {
    RecogniserInfo info = recogniser.info();
    return new RecogniserInfo(
        info.provider() + SUFFIX,
        info.model(),
        info.language(),
        info.languages(),
        info.tellable(),
        info.sampleRateHz());
  }

  @Override
  public RecogniserLoad load() {
    return recogniser.load();
  }

  @Override
  public boolean takesHotwords() {
    return recogniser.takesHotwords();
  }

  @Override
  public boolean prepare(String languageTag) {
    return recogniser.prepare(languageTag);
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    if (closed) {
      throw new RecogniserException("the recogniser is closed");
    }
    ChunkedStream stream =
        new ChunkedStream(
            recogniser.pinned(),
            audio,
            options,
            listener,
            chunks,
            chunkLength.toMillis(),
            open::remove);
    open.add(stream);
    stream.start();
    if (closed) {
      stream.fail(new RecogniserException("the recogniser was closed"));
    }
    return stream;
  }

  @Override
  public void close() {
    closed = true;
    open.forEach(stream -> stream.fail(new RecogniserException("the recogniser was closed")));
  }
}
