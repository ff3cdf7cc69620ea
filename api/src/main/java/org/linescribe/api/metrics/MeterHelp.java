package org.linescribe.api.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Map;
import java.util.Set;

/**
 * Gives each meter its help text and a name that Prometheus' own check takes: base units, no
 * reserved suffix. Meters that the libraries register in another unit are left out.
 */
final class MeterHelp implements MeterFilter {
  /** In milliseconds and nanoseconds; process.cpu.usage stays. */
  private static final Set<String> OTHER_UNITS = Set.of("jvm.compilation.time", "process.cpu.time");

  private static final String RESERVED_SUFFIX = "system.cpu.count";

  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("http.server.requests", "HTTP requests answered, by route and status"),
          Map.entry("http.server.requests.active", "HTTP requests being answered"),
          Map.entry(
              "linescribe.audio.sessions.bytes", "Bytes of audio that audio sessions received"),
          Map.entry("linescribe.audio.sessions.chunks", "Chunks that audio sessions acknowledged"),
          Map.entry("linescribe.call.active", "Calls now"),
          Map.entry(
              "linescribe.call.audio.refused.samples", "Samples of calls that the session refused"),
          Map.entry("linescribe.call.duration", "From the answer to the end of a call"),
          Map.entry(
              "linescribe.call.modifications",
              "Changes of a call by its peer: hold, codec, address"),
          Map.entry("linescribe.call.setup", "From the INVITE to its 200"),
          Map.entry("linescribe.call.telephone.events", "Telephone events (DTMF) of calls"),
          Map.entry("linescribe.call.transfers", "Transfers by REFER, by what came of them"),
          Map.entry("linescribe.insights.sessions", "Sessions whose insights were due, by outcome"),
          Map.entry("linescribe.insights.waiting", "Sessions that wait for their insights"),
          Map.entry(
              "linescribe.rtp.concealed.samples",
              "Samples of lost audio made up from the audio before"),
          Map.entry("linescribe.rtp.defects", "RTP and RTCP packets dropped, by their defect"),
          Map.entry("linescribe.rtp.duplicate", "RTP packets that came twice"),
          Map.entry(
              "linescribe.rtp.jitter", "Interarrival jitter (RFC 3550) of the sources that ended"),
          Map.entry("linescribe.rtp.late", "RTP packets that came after their place was filled"),
          Map.entry("linescribe.rtp.lost", "RTP packets that never came"),
          Map.entry(
              "linescribe.rtp.mos",
              "Mean opinion score by the E-model (ITU-T G.107) of RTP streams"),
          Map.entry("linescribe.rtp.packets", "RTP packets, by direction"),
          Map.entry("linescribe.rtp.ports.free", "Port pairs that a call can get"),
          Map.entry("linescribe.rtp.reordered", "RTP packets out of order that found their place"),
          Map.entry("linescribe.rtp.sessions", "RTP sessions now"),
          Map.entry(
              "linescribe.rtp.silence.filled.samples",
              "Samples of silence in the place of audio that did not come"),
          Map.entry("linescribe.rtp.source.changes", "Sources of RTP that changed within a call"),
          Map.entry(
              "linescribe.session.audio.refused",
              "Samples that sources wrote and sessions refused"),
          Map.entry("linescribe.session.closed", "Sources that ended, by reason"),
          Map.entry("linescribe.session.finals", "Finals stored and announced"),
          Map.entry(
              "linescribe.session.outbox.conflicts", "Changes that the store refused for ever"),
          Map.entry("linescribe.session.outbox.segments", "Finals that wait for the segment store"),
          Map.entry("linescribe.session.outbox.spilled", "Changes that went to the outbox"),
          Map.entry("linescribe.session.partials", "Partials announced"),
          Map.entry(
              "linescribe.session.partials.coalesced",
              "Partials that a newer one replaced before they were announced"),
          Map.entry("linescribe.session.readers", "Readers of transcripts now"),
          Map.entry(
              "linescribe.session.readers.dropped",
              "Events that a slow reader missed live and reads from the store"),
          Map.entry("linescribe.session.readers.lag.finals", "Finals that a reader is behind"),
          Map.entry(
              "linescribe.session.recogniser.replaced",
              "Recogniser streams replaced within a session"),
          Map.entry("linescribe.session.refused", "Sources that were not admitted, by reason"),
          Map.entry(
              "linescribe.session.replay.truncated", "Utterances too long to be heard again whole"),
          Map.entry("linescribe.session.sources", "Sources open now"),
          Map.entry("linescribe.session.store.latency", "One write of the segment store"),
          Map.entry(
              "linescribe.session.utterances.abandoned",
              "Open utterances that were not recognised in time"),
          Map.entry("linescribe.sip.connections", "SIP connections over TCP now"));

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    return OTHER_UNITS.contains(id.getName()) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
  }

  @Override
  public Meter.Id map(Meter.Id id) {
    if (id.getName().equals(RESERVED_SUFFIX)) {
      return id.withName("system.cpus");
    }
    String text = TEXTS.get(id.getName());
    return id.getDescription() != null || text == null
        ? id
        : new Meter.Id(id.getName(), Tags.of(id.getTags()), id.getBaseUnit(), text, id.getType());
  }
}
