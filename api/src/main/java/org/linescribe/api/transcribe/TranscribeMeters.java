package org.linescribe.api.transcribe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.audio.SocketFeed;
import org.linescribe.media.g711.G711Law;

/** What the API counts. */
final class TranscribeMeters implements SocketFeed.Watch {
  private final MeterRegistry registry;
  final Counter audioBytes;
  final Counter frames;
  final Counter emptyFrames;
  final Counter textFrames;
  final Counter skippedFrames;
  final Counter answers;
  final Counter stallFlushes;
  private final Counter pauses;
  final Counter slowReaders;
  private final Counter lostAudioBytes;

  TranscribeMeters(MeterRegistry registry) {
    this.registry = registry;
    audioBytes = counter("audio.bytes", "G.711 bytes received");
    frames = counter("frames", "Binary messages received");
    emptyFrames = counter("frames.empty", "Binary messages without a byte");
    textFrames = counter("frames.text", "Text messages: not audio, ignored");
    skippedFrames = counter("frames.skipped", "Frames whose processing failed");
    answers = counter("answers", "Current texts sent because the source waited");
    stallFlushes = counter("flushes", "Utterances ended because the source sent no more");
    pauses = counter("pauses", "Times that reading stopped because the session's queue was full");
    slowReaders = counter("readers.slow", "Sources closed because they did not read their finals");
    lostAudioBytes =
        counter("audio.lost.bytes", "G.711 bytes not taken in time after a disconnect");
  }

  private Counter counter(String name, String description) {
    return Counter.builder("linescribe.api.transcribe." + name)
        .description(description)
        .register(registry);
  }

  @Override
  public void paused() {
    pauses.increment();
  }

  /** A sample is a byte. */
  @Override
  public void lost(int samples) {
    lostAudioBytes.increment(samples);
  }

  void law(G711Law law, boolean detected) {
    registry
        .counter(
            "linescribe.api.transcribe.law",
            "law",
            Codec.valueOf(law.name()).parameter(),
            "detected",
            Boolean.toString(detected))
        .increment();
  }

  void refused(String reason) {
    registry.counter("linescribe.api.transcribe.refused", "reason", reason).increment();
  }
}
