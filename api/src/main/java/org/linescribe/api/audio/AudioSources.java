package org.linescribe.api.audio;

import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;

/** What every source of audio needs; one bean for all protocols. */
public record AudioSources(
    Sessions sessions,
    BlockingCalls blockingCalls,
    Ffmpeg ffmpeg,
    ProtocolSettings settings,
    MeterRegistry registry) {
  /** The counters of a protocol. */
  public ProtocolMeters meters(String protocol) {
    return new ProtocolMeters(registry, protocol);
  }
}
