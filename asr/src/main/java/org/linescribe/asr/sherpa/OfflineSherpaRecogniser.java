package org.linescribe.asr.sherpa;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelType;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.utterance.WholeDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognises whole utterances.
 *
 * <p>Thread: any, several at once; {@link #decode} blocks for as long as decoding takes, on the
 * caller's platform thread. Owner of the native recogniser: {@link #close} waits for decodes.
 */
final class OfflineSherpaRecogniser implements WholeDecoder {
  private static final int MAX_MS = 28_000;

  /**
   * Past 384 encoder frames the library (1.13.8) and Moonshine's merged decoder disagree on the
   * attention mask, and the library returns an empty text: seen from 9.3 s on.
   */
  private static final int MAX_MOONSHINE_MS = 9100;

  private static final String SENSE_LANGUAGE = "sense_voice.language";

  /**
   * Shorter audio is padded with silence: a model whose convolutions find fewer frames than they
   * span throws within the library, which ends the process (seen with a single sample).
   */
  private static final int MIN_SECONDS = 1;

  /** Silence without which a transducer or CTC model does not tell the last word; Whisper does. */
  private static final int TAIL_PADDING_MS = 500;

  private static final Logger LOG = LoggerFactory.getLogger(OfflineSherpaRecogniser.class);

  private final SherpaLibrary library = SherpaLibrary.load();
  private final MemorySegment recogniser;
  private final ModelFiles model;
  private final SpokenLanguages tellable;
  private final ToldModels<MemorySegment> told;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Loads a model that is known to be sound: an unsound one ends the process (see ModelProbe).
   *
   * @throws RecogniserException when the library refuses the model
   */
  OfflineSherpaRecogniser(ModelFiles model) {
    this.model = model;
    this.tellable = new SpokenLanguages(model.tellable(), true);
    this.recogniser = load(model);
    this.told = new ToldModels<>(this::loadFor, this::free, ToldModels.PATIENCE);
  }

  private MemorySegment load(ModelFiles files) {
    MemorySegment loaded;
    try (Arena arena = Arena.ofConfined()) {
      loaded = (MemorySegment) library.createOffline.invokeExact(config(arena, files).memory());
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxCreateOfflineRecognizer", t);
    }
    if (loaded.address() == 0) {
      throw new RecogniserException(
          files.tokens().getParent() + ": sherpa-onnx refused the model's configuration");
    }
    return loaded;
  }

  /** The language belongs to the recogniser: no stream's option of it is read. */
  private MemorySegment loadFor(String code) {
    LOG.info("{}: loaded once more, for language {}", model.tokens().getParent(), code);
    return load(model.speaking(code));
  }

  private void free(MemorySegment loaded) {
    try {
      library.destroyOffline.invokeExact(loaded);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDestroyOfflineRecognizer", t);
    }
  }

  private static NativeConfig config(Arena arena, ModelFiles model) {
    NativeConfig config =
        new NativeConfig(arena, SherpaLayouts.OFFLINE_CONFIG)
            .set(model.sampleRateHz(), "feat", "sample_rate")
            .set(model.featureBins(), "feat", "dim")
            .set(model.tokens(), "model", "tokens")
            .set(1, "model", "num_threads")
            .set("cpu", "model", "provider")
            .set(model.decodingMethod(), "decoding_method")
            .set(4, "max_active_paths")
            .set(model.type().modelType(), "model", "model_type");
    return switch (model.type()) {
      case OFFLINE_TRANSDUCER, OFFLINE_NEMO_TRANSDUCER ->
          config
              .set(model.file("encoder"), "model", "transducer.encoder")
              .set(model.file("decoder"), "model", "transducer.decoder")
              .set(model.file("joiner"), "model", "transducer.joiner");
      case OFFLINE_NEMO_CTC -> config.set(model.file("model"), "model", "nemo_ctc.model");
      case SENSE_VOICE ->
          config
              .set(model.file("model"), "model", "sense_voice.model")
              .set(model.language().isEmpty() ? "auto" : model.language(), "model", SENSE_LANGUAGE)
              .set(1, "model", "sense_voice.use_itn");
      case MOONSHINE ->
          config
              .set(model.file("encoder"), "model", "moonshine.encoder")
              .set(model.file("decoder"), "model", "moonshine.merged");
      case MOONSHINE_SPLIT ->
          config
              .set(model.file("preprocessor"), "model", "moonshine.preprocessor")
              .set(model.file("encoder"), "model", "moonshine.encoder")
              .set(model.file("uncached-decoder"), "model", "moonshine.uncached")
              .set(model.file("cached-decoder"), "model", "moonshine.cached");
      case WHISPER ->
          config
              .set(model.file("encoder"), "model", "whisper", "encoder")
              .set(model.file("decoder"), "model", "whisper", "decoder")
              .set(model.language(), "model", "whisper", "language")
              .set("transcribe", "model", "whisper", "task")
              .set(-1, "model", "whisper", "tail_paddings")
              .set(model.attends() ? 1 : 0, "model", "whisper", "token_timestamps");
      case ZIPFORMER,
          ZIPFORMER2,
          LSTM,
          CONFORMER,
          PARAFORMER,
          ZIPFORMER2_CTC,
          NEMO_CTC,
          T_ONE_CTC ->
          throw new IllegalArgumentException(
              model.type().key() + " (expected: one of whole utterances)");
    };
  }

  @Override
  public int sampleRateHz() {
    return model.sampleRateHz();
  }

  @Override
  public int maxMs() {
    return model.type() == ModelType.MOONSHINE ? MAX_MOONSHINE_MS : MAX_MS;
  }

  @Override
  public boolean isTimed() {
    return switch (model.type()) {
      case OFFLINE_TRANSDUCER, OFFLINE_NEMO_TRANSDUCER, OFFLINE_NEMO_CTC, SENSE_VOICE -> true;
      case WHISPER -> model.attends();
      case MOONSHINE,
          MOONSHINE_SPLIT,
          ZIPFORMER,
          ZIPFORMER2,
          LSTM,
          CONFORMER,
          PARAFORMER,
          ZIPFORMER2_CTC,
          NEMO_CTC,
          T_ONE_CTC ->
          false;
    };
  }

  /**
   * Decodes an utterance.
   *
   * @param pcm mono in [-1, 1] at the model's rate, at most {@link #maxMs}; borrowed
   * @param startMs where it begins on the leg's timeline
   * @return its text; empty where nothing was recognised
   */
  @Override
  public Hypothesis decode(float[] pcm, long startMs) {
    return decode(pcm, startMs, "");
  }

  @Override
  public boolean prepare(String language) {
    if (model.tellable().isEmpty()) {
      return true;
    }
    Optional<String> code = tellable.code(language);
    return code.isPresent() && told.load(code.get());
  }

  /** What is no language of the model is left to it: the library ends the process there. */
  @Override
  public WholeDecoder speaking(String language) {
    String code =
        language.isEmpty() || model.tellable().isEmpty() ? "" : tellable.code(language).orElse("");
    return code.isEmpty() ? this : new Told(code);
  }

  /** This recogniser, told a language. */
  private final class Told implements WholeDecoder {
    private final String code;

    Told(String code) {
      this.code = code;
    }

    @Override
    public int sampleRateHz() {
      return OfflineSherpaRecogniser.this.sampleRateHz();
    }

    @Override
    public int maxMs() {
      return OfflineSherpaRecogniser.this.maxMs();
    }

    @Override
    public boolean isTimed() {
      return OfflineSherpaRecogniser.this.isTimed();
    }

    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      return OfflineSherpaRecogniser.this.decode(pcm, startMs, code);
    }

    @Override
    public void close() {
      // The recogniser's owner closes it.
    }
  }

  private Hypothesis decode(float[] pcm, long startMs, String code) {
    if (pcm.length > (long) maxMs() * model.sampleRateHz() / 1000) {
      throw new IllegalArgumentException(
          "pcm: " + pcm.length + " samples (expected: at most " + maxMs() + " ms)");
    }
    if (pcm.length == 0) {
      return Hypothesis.empty(startMs);
    }
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new RecogniserException("the recogniser is closed");
      }
      return decodeOpen(pcm, startMs, code);
    } finally {
      inUse.readLock().unlock();
    }
  }

  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        told.close();
        free(recogniser);
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }

  /** One that was not {@linkplain #prepare prepared} for the language finds it out. */
  private MemorySegment recogniser(String code) {
    MemorySegment known = code.isEmpty() ? null : told.get(code);
    return known == null ? recogniser : known;
  }

  private Hypothesis decodeOpen(float[] pcm, long startMs, String code) {
    MemorySegment used = recogniser(code);
    long endMs = startMs + pcm.length * 1000L / model.sampleRateHz();
    try (Arena arena = Arena.ofConfined()) {
      int padding =
          isTimed() && !model.attends() ? TAIL_PADDING_MS * model.sampleRateHz() / 1000 : 0;
      int length = Math.max(pcm.length + padding, MIN_SECONDS * model.sampleRateHz());
      MemorySegment samples = arena.allocate(ValueLayout.JAVA_FLOAT, length);
      for (int i = 0; i < pcm.length; i++) {
        samples.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.isFinite(pcm[i]) ? pcm[i] : 0);
      }
      MemorySegment stream = (MemorySegment) library.createOfflineStream.invokeExact(used);
      if (stream.address() == 0) {
        throw new RecogniserException("SherpaOnnxCreateOfflineStream: NULL");
      }
      try {
        library.acceptOffline.invokeExact(stream, model.sampleRateHz(), samples, length);
        library.decodeOffline.invokeExact(used, stream);
        MemorySegment result = (MemorySegment) library.offlineResult.invokeExact(stream);
        if (result.address() == 0) {
          return Hypothesis.empty(startMs);
        }
        try {
          return read(result.reinterpret(SherpaLayouts.OFFLINE_RESULT.byteSize()), startMs, endMs);
        } finally {
          library.destroyOfflineResult.invokeExact(result);
        }
      } finally {
        library.destroyOfflineStream.invokeExact(stream);
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDecodeOfflineStream", t);
    }
  }

  private Hypothesis read(MemorySegment result, long startMs, long endMs) {
    int count = result.get(ValueLayout.JAVA_INT, offset("count"));
    String text = SherpaLibrary.string(result, offset("text")).strip().replaceAll("\\s+", " ");
    float[] seconds = floats(result, "timestamps", count);
    float[] logs = floats(result, "ys_log_probs", count);
    List<Token> tokens = new ArrayList<>(count);
    if (count > 0) {
      MemorySegment pointers =
          result
              .get(ValueLayout.ADDRESS, offset("tokens_arr"))
              .reinterpret(count * ValueLayout.ADDRESS.byteSize());
      for (int i = 0; i < count; i++) {
        long at = startMs + (seconds.length == 0 ? 0 : Math.round(seconds[i] * 1000.0));
        double probability = logs.length == 0 ? Double.NaN : Math.min(1, Math.exp(logs[i]));
        tokens.add(
            new Token(
                SherpaLibrary.string(pointers.getAtIndex(ValueLayout.ADDRESS, i)),
                Math.clamp(at, startMs, endMs),
                probability));
      }
    }
    long first = tokens.isEmpty() ? startMs : tokens.getFirst().startMs();
    return new Hypothesis(text, tokens, first, endMs, language(result));
  }

  /** What a model of several was told or found: "fr", of SenseVoice "<|fr|>". */
  private Optional<String> language(MemorySegment result) {
    if (model.tellable().isEmpty()) {
      return Optional.empty();
    }
    String found = SherpaLibrary.string(result, offset("lang")).replaceAll("[<|>]", "");
    return Optional.of(found).filter(code -> code.matches("[a-z]{2,3}"));
  }

  private static float[] floats(MemorySegment result, String field, int count) {
    MemorySegment pointer = result.get(ValueLayout.ADDRESS, offset(field));
    return pointer.address() == 0 || count == 0
        ? new float[0]
        : pointer.reinterpret((long) count * Float.BYTES).toArray(ValueLayout.JAVA_FLOAT);
  }

  private static long offset(String field) {
    return SherpaLibrary.offset(SherpaLayouts.OFFLINE_RESULT, field);
  }
}
