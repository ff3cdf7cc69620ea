package org.linescribe.api.websocket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What the WebSockets of one route count, tagged with its path pattern. */
final class WebSocketMeters {
  private final MeterRegistry registry;
  private final String route;
  private final Counter dead;
  private final Counter failures;
  private final Counter tooBig;
  private final Counter droppedPartials;

  WebSocketMeters(MeterRegistry registry, String route) {
    this.registry = registry;
    this.route = route;
    this.dead = counter("linescribe.api.websocket.dead", "Peers that gave no sign of life");
    this.failures = counter("linescribe.api.websocket.failures", "APIs that threw: our bugs");
    this.tooBig = counter("linescribe.api.websocket.too.big", "Messages over the size limit");
    this.droppedPartials =
        counter(
            "linescribe.api.websocket.partials.dropped",
            "Partials that gave way to newer messages because the client read slowly");
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).tag("route", route).register(registry);
  }

  void dead() {
    dead.increment();
  }

  void failure() {
    failures.increment();
  }

  void tooBig() {
    tooBig.increment();
  }

  void droppedPartials(long count) {
    droppedPartials.increment(count);
  }

  void closed(WebSocketClose reason) {
    registry
        .counter(
            "linescribe.api.websocket.closed",
            "route",
            route,
            "code",
            Integer.toString(reason.code()))
        .increment();
  }

  void opened() {
    registry.counter("linescribe.api.websocket.opened", "route", route).increment();
  }

  void refused(String limit) {
    registry
        .counter("linescribe.api.websocket.refused", "route", route, "limit", limit)
        .increment();
  }
}
