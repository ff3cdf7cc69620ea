package org.linescribe.asr.sherpa;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine;

/**
 * A streaming model in sherpa-onnx.
 *
 * <p>Thread: any; one recogniser serves all threads, a stream one at a time. Owner of the native
 * recogniser: closing frees it, and every stream must be closed before.
 *
 * <p>The library ends the process on misuse. Guarded here: samples that are not numbers, a changed
 * rate (there is only one), a decode that is not ready, audio after the end.
 */
final class SherpaEngine implements StreamingEngine {
  private static final String GREEDY = "greedy_search";

  /** Past it an endpoint rule never fires: the scheduler decides about endpoints itself. */
  private static final float NEVER_SECONDS = 1e9f;

  /** The library's default: added for each piece of a hotword that a hypothesis holds. */
  private static final float HOTWORDS_SCORE = 1.5f;

  /**
   * Blank frames since the last token that the library's endpoint rule 1 tells of. A transducer has
   * a token or a blank for each frame of 40 ms, so a greedy search that tells so many after a chunk
   * that is no longer has added nothing. Just below 8 frames, since the library multiplies floats.
   */
  private static final float BLANK_SECONDS = 0.3f;

  private static final int BLANK_MS = 320;

  final SherpaLibrary library;
  final MemorySegment recogniser;
  private final int sampleRateHz;
  private final Chunking chunking;
  private final boolean tellsBlanks;
  private final Optional<Vocabulary> vocabulary;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SherpaEngine(
      SherpaLibrary library,
      MemorySegment recogniser,
      int sampleRateHz,
      boolean tellsBlanks,
      Optional<Vocabulary> vocabulary) {
    this.library = library;
    this.recogniser = recogniser;
    this.sampleRateHz = sampleRateHz;
    this.vocabulary = vocabulary;
    this.chunking = measureChunking();
    this.tellsBlanks =
        tellsBlanks && chunking.shiftSamples() * 1000L <= (long) BLANK_MS * sampleRateHz;
  }

  /** Loads a model that is known to be sound: an unsound one ends the process (see ModelProbe). */
  static SherpaEngine load(ModelFiles model) {
    return load(model, 0, tellsBlanks(model));
  }

  /** As {@link #load}, with every result read from the library: for comparison. */
  static SherpaEngine readingAll(ModelFiles model) {
    return load(model, 0, false);
  }

  /**
   * As {@link #readingAll}.
   *
   * @param nativeEndpointSeconds the library's own endpoint rule 2, for comparison in tests
   */
  static SherpaEngine withEndpoints(ModelFiles model, float nativeEndpointSeconds) {
    return load(model, nativeEndpointSeconds, false);
  }

  private static boolean tellsBlanks(ModelFiles model) {
    return switch (model.type()) {
      case ZIPFORMER, ZIPFORMER2, LSTM, CONFORMER -> model.decodingMethod().equals(GREEDY);
      default -> false;
    };
  }

  private static SherpaEngine load(
      ModelFiles model, float nativeEndpointSeconds, boolean tellsBlanks) {
    SherpaLibrary library = SherpaLibrary.load();
    try (Arena arena = Arena.ofConfined();
        HotwordsFile hotwords = HotwordsFile.of(model)) {
      Optional<Vocabulary> vocabulary = hotwords.vocabulary();
      NativeConfig config = new NativeConfig(arena, SherpaLayouts.ONLINE_CONFIG);
      config
          .set(model.sampleRateHz(), "feat", "sample_rate")
          .set(model.featureBins(), "feat", "dim");
      switch (model.type()) {
        case ZIPFORMER, ZIPFORMER2, LSTM, CONFORMER ->
            config
                .set(model.file("encoder"), "model", "transducer.encoder")
                .set(model.file("decoder"), "model", "transducer.decoder")
                .set(model.file("joiner"), "model", "transducer.joiner")
                .set(model.type().modelType(), "model", "model_type");
        case PARAFORMER ->
            config
                .set(model.file("encoder"), "model", "paraformer.encoder")
                .set(model.file("decoder"), "model", "paraformer.decoder");
        case ZIPFORMER2_CTC -> config.set(model.file("model"), "model", "zipformer2_ctc.model");
        case NEMO_CTC -> config.set(model.file("model"), "model", "nemo_ctc.model");
        case T_ONE_CTC -> config.set(model.file("model"), "model", "t_one_ctc.model");
        case MOONSHINE,
            MOONSHINE_SPLIT,
            WHISPER,
            SENSE_VOICE,
            OFFLINE_TRANSDUCER,
            OFFLINE_NEMO_TRANSDUCER,
            OFFLINE_NEMO_CTC ->
            throw new IllegalArgumentException(model.type().key() + " (expected: streaming)");
      }
      if (vocabulary.isPresent()) {
        config
            .set("bpe", "model", "modeling_unit")
            .set(hotwords.file(), "model", "bpe_vocab")
            .set(HOTWORDS_SCORE, "hotwords_score");
      }
      config
          .set(model.tokens(), "model", "tokens")
          .set(1, "model", "num_threads")
          .set("cpu", "model", "provider")
          .set(model.decodingMethod(), "decoding_method")
          .set(4, "max_active_paths")
          .set(nativeEndpointSeconds > 0 || tellsBlanks ? 1 : 0, "enable_endpoint")
          .set(tellsBlanks ? BLANK_SECONDS : NEVER_SECONDS, "rule1")
          .set(nativeEndpointSeconds > 0 ? nativeEndpointSeconds : NEVER_SECONDS, "rule2")
          .set(NEVER_SECONDS, "rule3");
      MemorySegment recogniser = (MemorySegment) library.createOnline.invokeExact(config.memory());
      if (recogniser.address() == 0) {
        throw new RecogniserException(
            model.tokens().getParent() + ": sherpa-onnx refused the model's configuration");
      }
      try {
        return new SherpaEngine(library, recogniser, model.sampleRateHz(), tellsBlanks, vocabulary);
      } catch (RuntimeException | Error unusable) {
        library.destroyOnline.invokeExact(recogniser);
        throw unusable;
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxCreateOnlineRecognizer", t);
    }
  }

  @Override
  public int sampleRateHz() {
    return sampleRateHz;
  }

  @Override
  public Chunking chunking() {
    return chunking;
  }

  /** Whether a stream's last chunk added no token where the library tells of an endpoint. */
  boolean tellsBlanks() {
    return tellsBlanks;
  }

  @Override
  public boolean takesHotwords() {
    return vocabulary.isPresent();
  }

  @Override
  public SherpaStream open(Hotwords hotwords) {
    if (closed.get()) {
      throw new RecogniserException("the recogniser is closed");
    }
    return new SherpaStream(
        this, vocabulary.map(known -> known.spelt(hotwords.phrases())).orElse(""));
  }

  @Override
  public SherpaStream open() {
    return open(Hotwords.NONE);
  }

  @Override
  public void decode(List<? extends EngineStream> ready) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handles = arena.allocate(ValueLayout.ADDRESS, ready.size());
      for (int i = 0; i < ready.size(); i++) {
        EngineStream stream = ready.get(i);
        if (!(stream instanceof SherpaStream sherpa) || !stream.isReady()) {
          throw new RecogniserException("decode: stream " + i + " of the batch is not ready");
        }
        handles.setAtIndex(ValueLayout.ADDRESS, i, sherpa.handle());
      }
      library.decodeMany.invokeExact(recogniser, handles, ready.size());
      for (EngineStream stream : ready) {
        ((SherpaStream) stream).decoded();
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDecodeMultipleOnlineStreams", t);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        library.destroyOnline.invokeExact(recogniser);
      } catch (Throwable t) {
        throw SherpaLibrary.failed("SherpaOnnxDestroyOnlineRecognizer", t);
      }
    }
  }

  /**
   * The C API does not tell the model's chunk. Silence in steps of a frame shows it: how much a new
   * stream wants before its first decode, and how much more before the second.
   */
  private Chunking measureChunking() {
    int frame = sampleRateHz / 100;
    float[] silence = new float[frame];
    int limit = sampleRateHz * 20;
    try (SherpaStream stream = open()) {
      int first = 0;
      while (!stream.isReady() && first < limit) {
        stream.accept(silence, frame);
        first += frame;
      }
      if (!stream.isReady()) {
        throw new RecogniserException("the model decodes nothing within 20 s of audio");
      }
      decode(List.of(stream));
      int shift = 0;
      while (!stream.isReady() && shift < limit) {
        stream.accept(silence, frame);
        shift += frame;
      }
      return new Chunking(Math.max(first, Math.max(shift, frame)), Math.max(shift, frame));
    }
  }
}
