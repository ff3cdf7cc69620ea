package org.linescribe.asr.scheduler;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.scheduler.StreamingEngine.Chunking;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.asr.stream.ModelReader;

/**
 * One leg's succession of native streams: feeds them, counts what they decoded, replaces them.
 *
 * <p>A native stream is replaced in silence only: after an utterance's end (its state would age,
 * and its result grows), or when it heard nothing for a while. Audio that it had taken and not
 * decoded, and the half second before, is fed again to its successor, else the first word after a
 * pause goes missing: the cursor goes back.
 *
 * <p>Thread: the worker that holds the stream, one at a time. Positions: samples of the model's
 * rate on the leg's timeline.
 */
final class NativeLeg implements AutoCloseable {
  /** Silence after a finished utterance in which the native stream is replaced. */
  private static final int RENEWAL_SILENCE_MS = 800;

  /** Silence at the end of the audio: the last word comes out only when it is decoded behind it. */
  private static final int TAIL_PADDING_MS = 660;

  /**
   * A younger native stream goes on: its successor would decode half a second again, which with
   * utterances of a few seconds is a tenth of all decoding.
   */
  private static final int YOUNG_MS = 60_000;

  /** A native stream this old is replaced at a shorter silence; twice this old, wherever it is. */
  private static final long OLD_MS = 120_000;

  private static final int OLD_RENEWAL_SILENCE_MS = 300;

  private final StreamingEngine engine;
  private final Hotwords hotwords;
  private final Chunking chunking;
  private final int samplesPerMs;
  private final long idleRenewalMs;
  private final long youngMs;
  private final UtteranceTracker tracker;
  private final ModelReader audio;
  private final int lookBackSamples;

  private @Nullable EngineStream stream;
  private boolean finishing;
  private long basePosition;
  private float[] scratch = new float[0];
  private long decodes;
  private long extraSamples;
  private long renewals;

  /** Silence behind the cursor that the next native stream is to hear before the audio. */
  private long leadSamples;

  NativeLeg(
      StreamingEngine engine,
      Hotwords hotwords,
      UtteranceTracker tracker,
      ModelReader audio,
      long idleMs) {
    this.engine = engine;
    this.hotwords = hotwords;
    this.chunking = engine.chunking();
    this.samplesPerMs = engine.sampleRateHz() / 1000;
    this.idleRenewalMs = idleMs;
    // A search among several hypotheses may choose another one for an utterance that was told.
    this.youngMs = engine.isReplayed() || engine.takesHotwords() ? 0 : YOUNG_MS;
    this.tracker = tracker;
    this.audio = audio;
    this.basePosition = audio.position();
    this.lookBackSamples =
        UtteranceTracker.REFEED_MS * samplesPerMs
            + chunking.firstSamples()
            + 2 * chunking.shiftSamples();
  }

  /** Samples that must be fed before the next decode; at least 1 unless one is ready. */
  int needed() {
    long fed = audio.position() - basePosition;
    long wanted = chunking.firstSamples() + decodes * chunking.shiftSamples() + extraSamples;
    return (int) Math.max(0, wanted - fed);
  }

  /** Feeds up to so many samples that wait; returns how many. */
  int feed(int limit) {
    if (limit == 0 || audio.available() == 0) {
      return 0;
    }
    EngineStream current = current();
    if (scratch.length <= limit) {
      scratch = new float[limit + 1];
    }
    int fed = audio.read(scratch, limit);
    current.accept(scratch, fed);
    audio.hold(audio.position() - lookBackSamples);
    return fed;
  }

  /** Asked before every decode: the library ends the process on a decode without enough audio. */
  boolean isReady() {
    EngineStream current = stream;
    if (current == null || (!finishing && needed() > 0)) {
      return false;
    }
    boolean ready = current.isReady();
    if (!ready && !finishing) {
      // Rounding within the library's frames: ask again a frame later.
      extraSamples += 10L * samplesPerMs;
    }
    return ready;
  }

  EngineStream ready() {
    return current();
  }

  /** Takes the result of a decode; a changed text of the open utterance is returned. */
  Optional<Hypothesis> decoded() {
    decodes++;
    return tracker.update(current().result(), decodedMs());
  }

  /** An utterance that has ended at the position decoded. */
  Optional<UtteranceTracker.Finished> endpoint() {
    return tracker.endpoint(decodedMs());
  }

  /** Replaces the native stream if now is the time for it. */
  void renewIfDue() {
    if (stream == null || finishing) {
      return;
    }
    long decoded = decodedMs();
    long silence = tracker.trailingSilenceMs(decoded);
    boolean due =
        tracker.heardNothing()
            ? decoded >= idleRenewalMs
            : !tracker.isOpen()
                && ((decoded >= youngMs && silence >= RENEWAL_SILENCE_MS)
                    || (decoded >= OLD_MS && silence >= OLD_RENEWAL_SILENCE_MS));
    if (due) {
      renew(tracker.refeedFromMs(decoded) * samplesPerMs);
    }
  }

  /** A native stream whose utterance was just cut although it is far too old. */
  boolean isOverdue() {
    return decodedMs() >= 2 * OLD_MS;
  }

  void renewNow() {
    renew(tracker.refeedFromMs(decodedMs()) * samplesPerMs);
  }

  /** Pads the tail and ends the native stream's input; what is ready is decoded by the caller. */
  void finish() {
    if (stream == null || finishing) {
      return;
    }
    int padding =
        Math.max(TAIL_PADDING_MS * samplesPerMs, chunking.firstSamples() + chunking.shiftSamples());
    EngineStream current = current();
    current.accept(new float[padding], padding);
    current.finish();
    finishing = true;
  }

  boolean isFinishing() {
    return finishing;
  }

  boolean hasStream() {
    return stream != null;
  }

  /** After {@link #finish} and the last decode: the open utterance, and the native stream's end. */
  Optional<UtteranceTracker.Finished> finished() {
    if (stream == null) {
      return Optional.empty();
    }
    Optional<UtteranceTracker.Finished> last =
        tracker.finish((audio.position() - basePosition) / samplesPerMs);
    drop();
    return last;
  }

  /**
   * The leg goes on behind silence that need not be decoded; no utterance is open. Its end is
   * decoded with the audio behind it: a native stream that begins within a word may miss it.
   */
  void jump(long samples) {
    leadSamples = Math.min(leadSamples + samples, lookBackSamples);
    audio.skip(samples);
    audio.hold(audio.position() - leadSamples);
    drop();
  }

  boolean isOpen() {
    return tracker.isOpen();
  }

  long renewals() {
    return renewals;
  }

  @Override
  public void close() {
    drop();
  }

  /** Decoded by the native stream, in ms from its first sample; never beyond what it was fed. */
  private long decodedMs() {
    long samples = Math.min(decodes * chunking.shiftSamples(), audio.position() - basePosition);
    return samples / samplesPerMs;
  }

  private EngineStream current() {
    EngineStream current = stream;
    if (current == null) {
      current = engine.open(hotwords);
      stream = current;
      audio.seek(audio.position() - leadSamples);
      leadSamples = 0;
      basePosition = audio.position();
      decodes = 0;
      extraSamples = 0;
      finishing = false;
      tracker.begin(basePosition / samplesPerMs);
    }
    return current;
  }

  private void renew(long fromPosition) {
    long end = audio.position();
    long earliest = Math.max(basePosition, end - lookBackSamples);
    audio.seek(Math.clamp(fromPosition, earliest, end));
    drop();
    renewals++;
  }

  private void drop() {
    EngineStream current = stream;
    stream = null;
    finishing = false;
    if (current != null) {
      current.close();
    }
    basePosition = audio.position();
    decodes = 0;
    extraSamples = 0;
  }
}
