package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.utterance.VoiceActivity;

/**
 * Silero VAD in sherpa-onnx. The library's own segments are not used: it is asked after each window
 * whether somebody speaks, and what it keeps is cleared.
 *
 * <p>A native detector costs some milliseconds and megabytes, because each has an ONNX session of
 * its own; a closed one is kept for the next leg.
 *
 * <p>Thread: one at a time. Source: {@code SherpaOnnxVoiceActivityDetector} in c-api.h.
 */
final class SileroVoiceActivity implements VoiceActivity {
  private static final String FILE = "silero_vad_16k_op15.onnx";

  private static final int WINDOW_MS = WINDOW_SAMPLES * 1000 / SAMPLE_RATE_HZ;

  /** Of speech before it counts: a click is shorter, a word's vowel is longer. */
  private static final int MIN_SPEECH_MS = 2 * WINDOW_MS;

  private static final int MIN_SILENCE_MS = 2 * WINDOW_MS;

  /** Past it the library wants more certainty; the caller cuts long utterances itself. */
  private static final float NEVER_SECONDS = 1e6f;

  /** What the library keeps of speech that goes on; it complains where that is longer. */
  private static final float BUFFER_SECONDS = 20;

  /** Windows of speech after which it begins anew. */
  private static final int MAX_WINDOWS = (int) (BUFFER_SECONDS * 1000 / WINDOW_MS) - 20;

  private final Pool pool;
  private final MemorySegment detector;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment window = arena.allocate(ValueLayout.JAVA_FLOAT, WINDOW_SAMPLES);
  private final SherpaLibrary library = SherpaLibrary.load();
  private int sinceReset;
  private int speechWindows;
  private int blindWindows;

  private SileroVoiceActivity(Pool pool) {
    this.pool = pool;
    try (Arena call = Arena.ofConfined()) {
      NativeConfig config =
          new NativeConfig(call, SherpaLayouts.VAD_CONFIG)
              .set(pool.model, "silero", "model")
              .set(pool.threshold, "silero", "threshold")
              .set(MIN_SILENCE_MS / 1000f, "silero", "min_silence")
              .set(MIN_SPEECH_MS / 1000f, "silero", "min_speech")
              .set(WINDOW_SAMPLES, "silero", "window_size")
              .set(NEVER_SECONDS, "silero", "max_speech")
              .set(SAMPLE_RATE_HZ, "sample_rate")
              .set(1, "num_threads")
              .set("cpu", "provider");
      detector =
          (MemorySegment) library.createVoiceActivity.invokeExact(config.memory(), BUFFER_SECONDS);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxCreateVoiceActivityDetector", t);
    }
    if (detector.address() == 0) {
      throw new RecogniserException(pool.model + ": sherpa-onnx refused the model");
    }
  }

  /** Detectors that are kept for the next leg. Thread: any. */
  static final class Pool implements VoiceActivity.Factory, AutoCloseable {
    private final Path model;
    private final float threshold;
    private final ConcurrentLinkedDeque<SileroVoiceActivity> idle = new ConcurrentLinkedDeque<>();

    /** On the bundled model. */
    Pool(double threshold) {
      try {
        this.model = BundledModel.directory(BundledModel.VOICE_ACTIVITY).resolve(FILE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      this.threshold = (float) threshold;
      // The first one loads code besides: not while the first caller speaks.
      idle.add(new SileroVoiceActivity(this));
    }

    @Override
    public VoiceActivity open() {
      SileroVoiceActivity kept = idle.pollFirst();
      if (kept != null) {
        return kept;
      }
      return new SileroVoiceActivity(this);
    }

    @Override
    public void close() {
      for (SileroVoiceActivity kept = idle.poll(); kept != null; kept = idle.poll()) {
        kept.free();
      }
    }
  }

  @Override
  public boolean hear(float[] pcm, int offset) {
    MemorySegment.copy(pcm, offset, window, ValueLayout.JAVA_FLOAT, 0, WINDOW_SAMPLES);
    try {
      library.voiceAccept.invokeExact(detector, window, WINDOW_SAMPLES);
      boolean speech = (int) library.voiceDetected.invokeExact(detector) == 1;
      speechWindows = speech ? speechWindows + 1 : 0;
      sinceReset++;
      if (speechWindows == MAX_WINDOWS) {
        reset();
        // What it needs to find the speech again is spoken.
        blindWindows = delayMs() / WINDOW_MS + 1;
      } else if (!speech) {
        library.voiceClear.invokeExact(detector);
      }
      blindWindows -= blindWindows > 0 ? 1 : 0;
      return speech || blindWindows > 0;
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxVoiceActivityDetectorAcceptWaveform", t);
    }
  }

  @Override
  public int delayMs() {
    return MIN_SPEECH_MS + WINDOW_MS;
  }

  @Override
  public int hangoverMs() {
    return MIN_SILENCE_MS;
  }

  @Override
  public void reset() {
    if (sinceReset == 0) {
      return;
    }
    sinceReset = 0;
    speechWindows = 0;
    blindWindows = 0;
    try {
      library.voiceReset.invokeExact(detector);
      library.voiceClear.invokeExact(detector);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxVoiceActivityDetectorReset", t);
    }
  }

  @Override
  public void close() {
    reset();
    pool.idle.addFirst(this);
  }

  private void free() {
    try {
      library.destroyVoiceActivity.invokeExact(detector);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDestroyVoiceActivityDetector", t);
    } finally {
      arena.close();
    }
  }
}
