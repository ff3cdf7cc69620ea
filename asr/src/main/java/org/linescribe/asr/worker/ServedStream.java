package org.linescribe.asr.worker;

import org.jspecify.annotations.Nullable;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;

/** A stream of a worker and what the gateway was told of it. Thread: any, one at a time has it. */
final class ServedStream {
  final EngineStream stream;

  /** By whoever has it. */
  StreamingEngine.@Nullable EngineResult told;

  private boolean busy;

  ServedStream(EngineStream stream) {
    this.stream = stream;
  }

  synchronized boolean claim() {
    boolean free = !busy;
    busy = true;
    return free;
  }

  synchronized void release() {
    busy = false;
  }

  /** A stream that is decoded now is not closed: the gateway closes what it has answers for. */
  void close() {
    if (claim()) {
      stream.close();
    }
  }
}
