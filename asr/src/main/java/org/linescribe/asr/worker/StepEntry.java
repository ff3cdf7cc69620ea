package org.linescribe.asr.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;

/** What a step asks of one stream of a worker, and what came of it. Thread: the step's. */
final class StepEntry {
  private @Nullable ServedStream served;
  private final boolean finishes;
  private final int decodes;
  private final float[] pcm;
  private int decoded;
  private @Nullable String failure;

  StepEntry(boolean finishes, int decodes, float[] pcm) {
    this.finishes = finishes;
    this.decodes = decodes;
    this.pcm = pcm;
  }

  void claim(@Nullable ServedStream stream) {
    if (stream == null || !stream.claim()) {
      throw new RecogniserException(
          stream == null ? "the stream is not open" : "the stream is in use");
    }
    served = stream;
  }

  EngineStream stream() {
    return claimed().stream;
  }

  private ServedStream claimed() {
    ServedStream mine = served;
    if (mine == null) {
      throw new IllegalStateException("an entry without a stream");
    }
    return mine;
  }

  void feed() {
    attempt(
        () -> {
          stream().accept(pcm, pcm.length);
          if (finishes) {
            stream().finish();
          }
        });
  }

  boolean isDue() {
    boolean[] ready = {false};
    attempt(() -> ready[0] = decoded < decodes && stream().isReady());
    return ready[0];
  }

  void decoded() {
    decoded++;
  }

  void decodeAlone(StreamingEngine streaming) {
    attempt(
        () -> {
          if (stream().isReady()) {
            streaming.decode(List.of(stream()));
          }
          decoded++;
        });
  }

  /** Does something for the stream unless it has failed; what fails ends it alone. */
  void attempt(Runnable call) {
    if (failure == null) {
      try {
        call.run();
      } catch (RuntimeException failed) {
        failure = Messages.text(failed);
      }
    }
  }

  void write(Frame to) {
    StreamingEngine.EngineResult[] result = {null};
    boolean[] ready = {false};
    attempt(
        () -> {
          ready[0] = stream().isReady();
          result[0] = stream().result();
        });
    String failed = failure;
    to.put(failed == null);
    if (failed != null) {
      to.put(failed);
      return;
    }
    boolean changed = result[0] != claimed().told;
    to.put(ready[0]).put(decoded).put(changed);
    if (changed) {
      claimed().told = result[0];
      Messages.write(to, result[0]);
    }
  }

  void release() {
    ServedStream mine = served;
    if (mine != null) {
      mine.release();
    }
  }
}
