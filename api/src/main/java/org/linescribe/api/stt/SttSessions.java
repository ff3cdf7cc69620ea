package org.linescribe.api.stt;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.linescribe.api.http.Viewer;

/**
 * The open sessions of this API, and the sums over those that have ended.
 *
 * <p>Thread: any.
 */
final class SttSessions {
  private static final int MAX_LINES = 1000;

  private final Set<SttSession> open = ConcurrentHashMap.newKeySet();
  private final MeterRegistry registry;
  private final LongAdder opened = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final LongAdder pastFinals = new LongAdder();
  private final LongAdder pastPartials = new LongAdder();
  private final DoubleAdder pastAudioSeconds = new DoubleAdder();
  final Counter badMessages;
  final Counter pauses;
  final Counter lostAudioSamples;

  SttSessions(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("linescribe.stt.sessions.open", open, Set::size)
        .description("Sessions of the STT API open now")
        .register(registry);
    badMessages = counter("messages.bad", "Messages answered with an error");
    pauses = counter("pauses", "Times that reading stopped because the session's queue was full");
    lostAudioSamples = counter("audio.lost.samples", "Samples not taken in time at an end");
  }

  private Counter counter(String name, String description) {
    return Counter.builder("linescribe.stt." + name).description(description).register(registry);
  }

  /**
   * Body of {@code GET /streaming/stats}; sums are everybody's since the start of this node, the
   * sessions the caller's.
   */
  record Stats(
      int activeSessions,
      Map<String, Long> transports,
      Map<String, Long> providers,
      Map<String, Long> languages,
      long totalSessions,
      long expiredSessions,
      double audioSeconds,
      long partials,
      long finals,
      double sessionTimeoutSeconds,
      List<SttSession.Line> sessions) {}

  void opened(SttSession session) {
    open.add(session);
    opened.increment();
    registry
        .counter(
            "linescribe.stt.sessions.opened",
            "provider",
            session.choice().provider(),
            "transport",
            transport(session))
        .increment();
  }

  /** Idempotent. */
  void ended(SttSession session) {
    if (open.remove(session)) {
      pastFinals.add(session.finals());
      pastPartials.add(session.partials());
      pastAudioSeconds.add(session.audioSeconds());
    }
  }

  void expired() {
    expired.increment();
    registry.counter("linescribe.stt.sessions.expired").increment();
  }

  void refused(String reason) {
    registry.counter("linescribe.stt.refused", "reason", reason).increment();
  }

  Stats stats(SttSettings settings, Viewer viewer, long nowNs) {
    List<SttSession> now = List.copyOf(open);
    return new Stats(
        now.size(),
        count(now, SttSessions::transport),
        count(now, session -> session.choice().provider()),
        count(now, SttSession::language),
        opened.sum(),
        expired.sum(),
        pastAudioSeconds.sum() + now.stream().mapToDouble(SttSession::audioSeconds).sum(),
        pastPartials.sum() + now.stream().mapToLong(SttSession::partials).sum(),
        pastFinals.sum() + now.stream().mapToLong(SttSession::finals).sum(),
        settings.sessionTimeout().toMillis() / 1000.0,
        now.stream()
            .filter(session -> viewer.sees(session.request().owner()))
            .map(session -> session.line(nowNs))
            .sorted(Comparator.comparing(SttSession.Line::startedAt))
            .limit(MAX_LINES)
            .toList());
  }

  private static String transport(SttSession session) {
    return session.transport().name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Long> count(
      List<SttSession> sessions, Function<SttSession, String> key) {
    return sessions.stream()
        .collect(Collectors.groupingBy(key, TreeMap::new, Collectors.counting()));
  }
}
