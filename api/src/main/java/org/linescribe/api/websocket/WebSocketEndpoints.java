package org.linescribe.api.websocket;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiSettings;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.ShutdownSignal;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.unit.DataSize;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.websocket.WebsocketInbound;

/**
 * Lets WebSocket clients in: counts them against the limits, hands them to their API, and closes
 * those that are left with 1001 when the application stops, before the web server does.
 */
final class WebSocketEndpoints implements SmartLifecycle {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final ApiSettings settings;
  private final MeterRegistry registry;
  private final Map<String, Integer> socketsBySession = new ConcurrentHashMap<>();
  private final Semaphore permits;
  private final ReadAhead.Budget readAhead;
  private final Set<WebSocketPeer> peers = ConcurrentHashMap.newKeySet();
  private volatile boolean running;

  WebSocketEndpoints(ApiSettings settings, MeterRegistry registry) {
    this.settings = settings;
    this.registry = registry;
    this.permits = new Semaphore(settings.maxSockets());
    this.readAhead = new ReadAhead.Budget(settings.readAhead().toBytes());
    Gauge.builder("linescribe.api.websocket.read.ahead", readAhead.used(), AtomicLong::get)
        .description("What was read of clients and waits for their APIs")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder(
            "linescribe.api.websocket.open",
            permits,
            free -> settings.maxSockets() - free.availablePermits())
        .description("WebSockets admitted and open now, in all APIs")
        .register(registry);
  }

  /** A route with what is made once for it. */
  final class Opened {
    private final WebSocketRoute route;
    private final PathPattern pattern;
    private final WebSocketMeters meters;

    Opened(WebSocketRoute route) {
      this.route = route;
      this.pattern = PathPatternParser.defaultInstance.parse(route.pathPattern());
      this.meters = new WebSocketMeters(registry, route.pathPattern());
    }

    boolean sharesPath() {
      return route.sharesPath();
    }

    List<String> subProtocols() {
      return route.subProtocols();
    }

    DataSize maxMessage() {
      return route.maxMessage().orElse(settings.maxMessage());
    }

    /**
     * @param caller who was admitted, where a key is required
     * @return completes when the connection is gone
     */
    Mono<Void> serve(ServerHttpRequest request, @Nullable Caller caller, WebsocketInbound in) {
      Connection[] connection = new Connection[1];
      in.withConnection(found -> connection[0] = found);
      PathPattern.@Nullable PathMatchInfo match =
          pattern.matchAndExtract(request.getPath().pathWithinApplication());
      Map<String, String> variables =
          new LinkedHashMap<>(match == null ? Map.of() : match.getUriVariables());
      WebSocketPeer peer =
          new WebSocketPeer(
              connection[0],
              new WebSocketRequest(variables, request, caller),
              settings,
              maxMessage(),
              readAhead,
              meters);
      Optional<String> session = Optional.ofNullable(variables.get(Requests.SESSION_ID));
      try {
        peer.start(connection[0], admit(peer, session, caller), in.receiveFrames());
      } catch (RuntimeException | Error notStarted) {
        // Nothing else would tell that it is gone, and its permits would be.
        peer.abandon();
        throw notStarted;
      }
      return connection[0].onDispose();
    }

    private WebSocketEndpoint admit(
        WebSocketPeer peer, Optional<String> session, @Nullable Caller caller) {
      peers.add(peer);
      peer.whenGone(() -> peers.remove(peer));
      if (!running) {
        return WebSocketEndpoints.refusing(WebSocketClose.DRAINING);
      }
      if (!permits.tryAcquire()) {
        return refusing("max-sockets", "too many sockets on this node");
      }
      if (caller != null && !caller.enter()) {
        permits.release();
        return refusing("max-open-per-key", "too much open with this key");
      }
      if (session.isPresent() && !enterSession(session.get())) {
        leave(caller);
        return refusing("max-sockets-per-session", "too many sockets on this session");
      }
      peer.whenGone(
          () -> {
            session.ifPresent(WebSocketEndpoints.this::leaveSession);
            leave(caller);
          });
      meters.opened();
      return route.endpoint();
    }

    private void leave(@Nullable Caller caller) {
      if (caller != null) {
        caller.leave();
      }
      permits.release();
    }

    private WebSocketEndpoint refusing(String limit, String reason) {
      meters.refused(limit);
      return WebSocketEndpoints.refusing(WebSocketClose.tryAgain(reason, RETRY_AFTER));
    }
  }

  private boolean enterSession(String id) {
    boolean[] entered = new boolean[1];
    socketsBySession.compute(
        id,
        (_, open) -> {
          int before = open == null ? 0 : open;
          entered[0] = before < settings.maxSocketsPerSession();
          return entered[0] ? before + 1 : before;
        });
    return entered[0];
  }

  private void leaveSession(String id) {
    socketsBySession.computeIfPresent(id, (_, open) -> open == 1 ? null : open - 1);
  }

  private static WebSocketEndpoint refusing(WebSocketClose reason) {
    return peer -> {
      peer.close(reason);
      return WebSocketReceiver.DISCARDING;
    };
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    List.copyOf(peers).forEach(peer -> peer.close(WebSocketClose.DRAINING));
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return ShutdownSignal.PHASE;
  }
}
