package org.linescribe.asr.sherpa;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;

/** One native stream, freed when this is closed. Thread: one at a time. */
final class SherpaStream implements EngineStream {
  private static final long TEXT = SherpaLibrary.offset(SherpaLayouts.ONLINE_RESULT, "text");
  private static final long TOKENS =
      SherpaLibrary.offset(SherpaLayouts.ONLINE_RESULT, "tokens_arr");
  private static final long TIMES = SherpaLibrary.offset(SherpaLayouts.ONLINE_RESULT, "timestamps");
  private static final long COUNT = SherpaLibrary.offset(SherpaLayouts.ONLINE_RESULT, "count");
  private static final long JSON = SherpaLibrary.offset(SherpaLayouts.ONLINE_RESULT, "json");
  private static final long RESULT_BYTES = SherpaLayouts.ONLINE_RESULT.byteSize();

  private final SherpaEngine engine;
  private final MemorySegment handle;
  private EngineResult latest = new EngineResult("", List.of(), List.of(), List.of());
  private int unreadDecodes;
  private boolean finished;
  private boolean closed;

  /**
   * @param hotwords in the library's syntax; empty for none. With a greedy search the library ends
   *     the process at the first decode
   */
  SherpaStream(SherpaEngine engine, String hotwords) {
    this.engine = engine;
    try (Arena words = Arena.ofConfined()) {
      handle =
          hotwords.isEmpty()
              ? (MemorySegment) engine.library.createStream.invokeExact(engine.recogniser)
              : (MemorySegment)
                  engine.library.createStreamWithHotwords.invokeExact(
                      engine.recogniser, words.allocateFrom(hotwords));
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxCreateOnlineStream", t);
    }
    if (handle.address() == 0) {
      throw new RecogniserException("SherpaOnnxCreateOnlineStream: NULL");
    }
  }

  MemorySegment handle() {
    if (closed) {
      throw new RecogniserException("the native stream is closed");
    }
    return handle;
  }

  @Override
  public void accept(float[] pcm, int length) {
    if (length == 0) {
      return;
    }
    if (finished) {
      throw new RecogniserException("audio after the native stream's end");
    }
    Objects.checkFromIndexSize(0, length, pcm.length);
    try {
      engine.library.accept.invokeExact(
          handle(), engine.sampleRateHz(), MemorySegment.ofArray(pcm), length);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxOnlineStreamAcceptWaveform", t);
    }
  }

  @Override
  public void finish() {
    if (finished) {
      return;
    }
    finished = true;
    try {
      engine.library.finished.invokeExact(handle());
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxOnlineStreamInputFinished", t);
    }
  }

  @Override
  public boolean isReady() {
    try {
      return (int) engine.library.isReady.invokeExact(engine.recogniser, handle()) == 1;
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxIsOnlineStreamReady", t);
    }
  }

  /** The library's own endpoint decision. */
  boolean isEndpoint() {
    try {
      return (int) engine.library.isEndpoint.invokeExact(engine.recogniser, handle()) == 1;
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxOnlineStreamIsEndpoint", t);
    }
  }

  /** A chunk of it was decoded. */
  void decoded() {
    unreadDecodes++;
  }

  @Override
  public EngineResult result() {
    // The library writes all of a result anew, as text and as JSON, whenever it is asked. What it
    // tells of is the last chunk: a result that was not read before it may have more.
    boolean isUnchanged = unreadDecodes <= 1 && engine.tellsBlanks() && isEndpoint();
    unreadDecodes = 0;
    if (isUnchanged) {
      return latest;
    }
    try {
      MemorySegment pointer =
          (MemorySegment) engine.library.result.invokeExact(engine.recogniser, handle());
      if (pointer.address() == 0) {
        throw new RecogniserException("SherpaOnnxGetOnlineStreamResult: NULL");
      }
      try {
        latest = read(pointer.reinterpret(RESULT_BYTES));
        return latest;
      } finally {
        engine.library.destroyResult.invokeExact(pointer);
      }
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxGetOnlineStreamResult", t);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      engine.library.destroyStream.invokeExact(handle);
    } catch (Throwable t) {
      throw SherpaLibrary.failed("SherpaOnnxDestroyOnlineStream", t);
    }
  }

  private EngineResult read(MemorySegment result) {
    int count = result.get(ValueLayout.JAVA_INT, COUNT);
    String text = SherpaLibrary.string(result, TEXT);
    if (count == latest.tokens().size() && text.equals(latest.text())) {
      return latest;
    }
    List<String> tokens = new ArrayList<>(count);
    List<Long> times = new ArrayList<>(count);
    if (count > 0) {
      MemorySegment pointers =
          result
              .get(ValueLayout.ADDRESS, TOKENS)
              .reinterpret(count * ValueLayout.ADDRESS.byteSize());
      MemorySegment seconds = result.get(ValueLayout.ADDRESS, TIMES);
      boolean timed = seconds.address() != 0;
      if (timed) {
        seconds = seconds.reinterpret((long) count * Float.BYTES);
      }
      for (int i = 0; i < count; i++) {
        tokens.add(SherpaLibrary.string(pointers.getAtIndex(ValueLayout.ADDRESS, i)));
        if (timed) {
          float second = seconds.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          times.add(Math.max(0, Math.round(second * 1000.0)));
        }
      }
    }
    List<Double> probabilities =
        TokenProbabilities.parse(SherpaLibrary.string(result, JSON), "ys_probs", count);
    return new EngineResult(text, tokens, times, probabilities);
  }
}
