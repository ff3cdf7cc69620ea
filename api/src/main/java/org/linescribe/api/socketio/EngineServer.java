package org.linescribe.api.socketio;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.WebSocketPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Engine.IO connections of this node, from handshake to end.
 *
 * <p>Thread: any.
 */
final class EngineServer implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);
  private static final String ID_LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  /** As the other servers' ids, and 119 bits: not to be guessed. */
  private static final int ID_LENGTH = 20;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final Duration LAST_POLL = Duration.ofSeconds(5);
  private static final long STOP_WITHIN_S = 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The words and numbers with which Engine.IO servers refuse a request. */
  enum Refusal {
    UNKNOWN_TRANSPORT("Transport unknown"),
    UNKNOWN_SESSION("Session ID unknown"),
    BAD_HANDSHAKE_METHOD("Bad handshake method"),
    BAD_REQUEST("Bad request"),
    FORBIDDEN("Forbidden"),
    UNSUPPORTED_VERSION("Unsupported protocol version");

    private final String message;

    Refusal(String message) {
      this.message = message;
    }

    String message() {
      return message;
    }

    Map<String, Object> body() {
      return Map.of("code", ordinal(), "message", message);
    }
  }

  private final SocketIoSettings settings;
  private final BlockingCalls blocking;
  private final SocketIoMeters meters;
  private final JsonMapper json;
  private final EngineSession.Opening opening;
  private final Map<String, EngineSession> sessions = new ConcurrentHashMap<>();
  private final Set<CompletableFuture<Void>> ending = ConcurrentHashMap.newKeySet();
  private final Semaphore places;
  private final EngineTimer timer;
  private volatile boolean running;

  EngineServer(
      SocketIoSettings settings,
      BlockingCalls blocking,
      SocketIoMeters meters,
      JsonMapper json,
      EngineTimer timer,
      EngineSession.Opening opening) {
    this.settings = settings;
    this.blocking = blocking;
    this.meters = meters;
    this.json = json;
    this.timer = timer;
    this.opening = opening;
    this.places = new Semaphore(settings.maxClients());
    meters.clients(() -> settings.maxClients() - places.availablePermits());
  }

  SocketIoSettings settings() {
    return settings;
  }

  SocketIoMeters meters() {
    return meters;
  }

  EngineTimer timer() {
    return timer;
  }

  void execute(Runnable blockingTask) {
    blocking.execute(blockingTask);
  }

  /** Makes an id of letters and digits, which is safe in a URL and in a file's name. */
  static String newId() {
    char[] id = new char[ID_LENGTH];
    for (int i = 0; i < ID_LENGTH; i++) {
      id[i] = ID_LETTERS.charAt(RANDOM.nextInt(ID_LETTERS.length()));
    }
    return new String(id);
  }

  Optional<EngineSession> find(String id) {
    return Optional.ofNullable(sessions.get(id));
  }

  /**
   * Opens a connection.
   *
   * @param socket null for one that begins by polling
   * @throws RefusedRequestException 503 when there is no place
   */
  EngineSession open(Handshake handshake, @Nullable WebSocketPeer socket) {
    if (!running) {
      throw RefusedRequestException.unavailable("draining", RETRY_AFTER);
    }
    if (!places.tryAcquire()) {
      meters.refused("max-clients");
      throw RefusedRequestException.unavailable("Too many clients", RETRY_AFTER);
    }
    EngineSession session = new EngineSession(newId(), handshake, this, meters, opening, socket);
    sessions.put(session.id(), session);
    meters.handshake(socket == null ? "polling" : "websocket");
    session.send(EnginePacket.Type.OPEN.with(openData(session.id(), socket == null)));
    session.start();
    if (!running) {
      // It came while the others were being closed.
      session.close("draining");
    }
    return session;
  }

  private String openData(String id, boolean upgradable) {
    return json.writeValueAsString(
        Map.of(
            "sid",
            id,
            "upgrades",
            upgradable ? List.of("websocket") : List.of(),
            "pingInterval",
            settings.pingInterval().toMillis(),
            "pingTimeout",
            settings.pingTimeout().toMillis(),
            "maxPayload",
            settings.maxPayload().toBytes()));
  }

  /** A connection has begun to end: a poll that comes late still hears what was owed. */
  void closing(EngineSession session) {
    CompletableFuture<Void> ended = session.ended();
    ending.add(ended);
    ended.thenRun(() -> ending.remove(ended));
    timer.later(() -> sessions.remove(session.id(), session), LAST_POLL);
    places.release();
  }

  /** What a request without a session, or with the wrong one, is told. */
  static RefusedRequestException refused(Refusal refusal) {
    return new RefusedRequestException(HttpStatus.BAD_REQUEST, refusal.message(), refusal.body());
  }

  @Override
  public void start() {
    running = true;
  }

  /** Every client is told, and every recording saved. */
  @Override
  public void stop() {
    running = false;
    List<EngineSession> open = List.copyOf(sessions.values());
    open.forEach(session -> session.close("draining"));
    // Also those that another has begun to end and whose recording is being saved.
    CompletableFuture<?>[] ends =
        Stream.concat(open.stream().map(EngineSession::ended), ending.stream())
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(ends).get(STOP_WITHIN_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException late) {
      LOG.warn("{} recordings were not saved in time", ending.size());
    }
    timer.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Stopped after the WebSocket doors, before the web server. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 600;
  }
}
