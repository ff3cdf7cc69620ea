package org.linescribe.gateway.sip;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/** {@code linescribe.sip.*}. Tags have bounded values: an unknown method counts as "other". */
record SipMetrics(MeterRegistry registry) {
  private static final Set<String> METHODS =
      Set.of("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE", "INFO", "REGISTER");

  void request(String method) {
    registry
        .counter("linescribe.sip.requests", "method", METHODS.contains(method) ? method : "other")
        .increment();
  }

  void response(int status) {
    registry.counter("linescribe.sip.responses", "status", Integer.toString(status)).increment();
  }

  /** Counts a message that did not reach a transaction. */
  void defect(SipDefect kind) {
    registry
        .counter("linescribe.sip.defects", "kind", kind.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  void connections(Supplier<Number> open) {
    Gauge.builder("linescribe.sip.connections", open).strongReference(true).register(registry);
  }

  /** Why a message was rejected before it reached a transaction. */
  enum SipDefect {
    MALFORMED,
    TOO_LARGE,
    BAD_VERSION,
    STRAY_RESPONSE,
    STRAY_CANCEL,
    TOO_MANY_CONNECTIONS,
    TLS_HANDSHAKE,
    TOO_MANY_REQUESTS,
    SOURCE_LIMIT,
    QUEUE_FULL,
    INTERNAL
  }
}
