package org.linescribe.api;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.unit.DataSize;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.websocket.WebsocketInbound;

/**
 * Lets WebSocket clients in: counts them against the limits, hands them to their door, and closes
 * those that are left with 1001 when the application stops, before the web server does.
 */
final class WebSocketDoors implements SmartLifecycle {
  /** Stops before the web server, whose phases end at {@code DEFAULT_PHASE - 1024}. */
  static final int PHASE = DEFAULT_PHASE - 512;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final ApiSettings settings;
  private final MeterRegistry registry;
  private final Map<String, Integer> socketsBySession = new ConcurrentHashMap<>();
  private final Places places;
  private final Set<WebSocketPeer> peers = ConcurrentHashMap.newKeySet();
  private volatile boolean running;

  WebSocketDoors(ApiSettings settings, MeterRegistry registry) {
    this.settings = settings;
    this.registry = registry;
    this.places = new Places(settings.maxSockets());
    Gauge.builder("linescribe.api.websocket.open", places, Places::taken)
        .description("WebSockets let in and open now, in all doors")
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

    DataSize maxMessage() {
      return route.maxMessage().orElse(settings.maxMessage());
    }

    /**
     * @param caller who was let in, where that is asked
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
          new WebSocketPeer(connection[0], variables, request, settings, maxMessage(), meters);
      Optional<String> session = Optional.ofNullable(variables.get(WebSocketRoute.SESSION_ID));
      peer.start(connection[0], admit(peer, session, caller), in.receiveFrames());
      return connection[0].onDispose();
    }

    private WebSocketDoor admit(
        WebSocketPeer peer, Optional<String> session, @Nullable Caller caller) {
      peers.add(peer);
      peer.whenGone(() -> peers.remove(peer));
      if (!running) {
        return WebSocketDoors.refusing(WebSocketClose.DRAINING);
      }
      if (!places.enter()) {
        return refusing("max-sockets", "too many sockets on this node");
      }
      if (caller != null && !caller.enter()) {
        places.leave();
        return refusing("max-open-per-key", "too much open with this key");
      }
      if (session.isPresent() && !enterSession(session.get())) {
        leave(caller);
        return refusing("max-sockets-per-session", "too many sockets on this session");
      }
      peer.whenGone(
          () -> {
            session.ifPresent(WebSocketDoors.this::leaveSession);
            leave(caller);
          });
      meters.opened();
      return route.door();
    }

    private void leave(@Nullable Caller caller) {
      if (caller != null) {
        caller.leave();
      }
      places.leave();
    }

    private WebSocketDoor refusing(String limit, String words) {
      meters.refused(limit);
      return WebSocketDoors.refusing(WebSocketClose.tryAgain(words, RETRY_AFTER));
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

  private static WebSocketDoor refusing(WebSocketClose reason) {
    return peer -> {
      peer.close(reason);
      return WebSocketReceiver.DEAF;
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
    return PHASE;
  }
}
