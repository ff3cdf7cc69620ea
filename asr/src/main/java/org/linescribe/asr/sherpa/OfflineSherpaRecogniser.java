package org.linescribe.asr.sherpa;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelException;
import org.linescribe.asr.catalogue.ModelValidator;

/**
 * Recognises whole utterances: Whisper, or a transducer that sees the future.
 *
 * <p>Thread: any, several at once; {@link #decode} blocks for as long as decoding takes, on the
 * caller's platform thread. Owner of the native recogniser: {@link #close} waits for decodes.
 */
public final class OfflineSherpaRecogniser implements AutoCloseable {
  private static final int MAX_SECONDS = 300;

  /**
   * Shorter audio is padded with silence: a model whose convolutions find fewer frames than they
   * span throws within the library, which ends the process (seen with a single sample).
   */
  private static final int MIN_SECONDS = 1;

  private final SherpaLibrary library = SherpaLibrary.load();
  private final MemorySegment recogniser;
  private final OfflineModel model;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Loads a model whose origin is trusted: its files are checked, but it is not tried in a process
   * of its own.
   *
   * @param language BCP 47 tag for Whisper, or empty to let it find out; transducers know theirs
   * @throws RecogniserException when a file is unsound or the library refuses the model
   */
  public OfflineSherpaRecogniser(OfflineModel model, String language, int threads) {
    this.model = model;
    try {
      List<Path> graphs = new ArrayList<>(List.of(model.encoder(), model.decoder()));
      model.joiner().ifPresent(graphs::add);
      ModelValidator.validateFiles(graphs, model.tokens());
    } catch (ModelException e) {
      throw new RecogniserException(e.getMessage(), e);
    }
    try (Arena arena = Arena.ofConfined()) {
      NativeConfig config =
          new NativeConfig(arena, SherpaLayouts.OFFLINE_CONFIG)
              .set(model.sampleRateHz(), "feat", "sample_rate")
              .set(80, "feat", "dim")
              .set(model.tokens(), "model", "tokens")
              .set(threads, "model", "num_threads")
              .set("cpu", "model", "provider")
              .set("greedy_search", "decoding_method")
              .set(4, "max_active_paths");
      switch (model.kind()) {
        case TRANSDUCER ->
            config
                .set(model.encoder(), "model", "transducer.encoder")
                .set(model.decoder(), "model", "transducer.decoder")
                .set(model.joiner().orElseThrow(), "model", "transducer.joiner")
                .set("transducer", "model", "model_type");
        case WHISPER ->
            config
                .set(model.encoder(), "model", "whisper", "encoder")
                .set(model.decoder(), "model", "whisper", "decoder")
                .set(language, "model", "whisper", "language")
                .set("transcribe", "model", "whisper", "task")
                .set(-1, "model", "whisper", "tail_paddings")
                .set("whisper", "model", "model_type");
      }
      recogniser = (MemorySegment) library.createOffline.invokeExact(config.memory());
    } catch (RecogniserException e) {
      throw e;
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxCreateOfflineRecognizer", t);
    }
    if (recogniser.address() == 0) {
      throw new RecogniserException(
          model.tokens().getParent() + ": sherpa-onnx refused the model's configuration");
    }
  }

  /**
   * Tries a folder's model in a child process first, then loads it here: the library ends its
   * process on a model that it does not like.
   *
   * @throws RecogniserException naming the folder and the fault
   */
  public static OfflineSherpaRecogniser tried(Path directory, String language, int threads) {
    OfflineModel model = OfflineModel.in(directory);
    ModelProbe.probeOffline(directory, ModelProbe.TIMEOUT);
    return new OfflineSherpaRecogniser(model, language, threads);
  }

  public OfflineModel model() {
    return model;
  }

  /**
   * Decodes an utterance.
   *
   * @param pcm mono in [-1, 1] at the model's rate, at most 300 s; borrowed
   * @param startMs where it begins on the leg's timeline
   * @return its text; empty where nothing was recognised
   */
  public Hypothesis decode(float[] pcm, long startMs) {
    if (pcm.length > MAX_SECONDS * model.sampleRateHz()) {
      throw new IllegalArgumentException(
          "pcm: " + pcm.length + " samples (expected: at most " + MAX_SECONDS + " s)");
    }
    if (pcm.length == 0) {
      return Hypothesis.empty(startMs);
    }
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new RecogniserException("the recogniser is closed");
      }
      return decodeOpen(pcm, startMs);
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
        library.destroyOffline.invokeExact(recogniser);
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDestroyOfflineRecognizer", t);
    } finally {
      inUse.writeLock().unlock();
    }
  }

  private Hypothesis decodeOpen(float[] pcm, long startMs) {
    long endMs = startMs + pcm.length * 1000L / model.sampleRateHz();
    try (Arena arena = Arena.ofConfined()) {
      int length = Math.max(pcm.length, MIN_SECONDS * model.sampleRateHz());
      MemorySegment samples = arena.allocate(ValueLayout.JAVA_FLOAT, length);
      for (int i = 0; i < pcm.length; i++) {
        samples.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.isFinite(pcm[i]) ? pcm[i] : 0);
      }
      MemorySegment stream = (MemorySegment) library.createOfflineStream.invokeExact(recogniser);
      if (stream.address() == 0) {
        throw new RecogniserException("SherpaOnnxCreateOfflineStream: NULL");
      }
      try {
        library.acceptOffline.invokeExact(stream, model.sampleRateHz(), samples, length);
        library.decodeOffline.invokeExact(recogniser, stream);
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
    } catch (RecogniserException e) {
      throw e;
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDecodeOfflineStream", t);
    }
  }

  private static Hypothesis read(MemorySegment result, long startMs, long endMs) {
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
    return new Hypothesis(text, tokens, first, endMs);
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
