package org.linescribe.api.socketio.protocol;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.websocket.WebSocketPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Engine.IO connections of this node, from handshake to end.
 *
 * <p>Thread: any.
 */
public final class EngineServer implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);
  private static final String ID_LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  /** As the other servers' ids, and 119 bits: not to be guessed. */
  private static final int ID_LENGTH = 20;

  /** Of all clients, one in so many may be a stranger whose key is still to come. */
  private static final int STRANGERS_SHARE = 10;

  private static final Duration LAST_POLL = Duration.ofSeconds(5);
  private static final long STOP_WITHIN_S = 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final EngineSettings settings;
  private final Executor blocking;
  private final SocketIoMeters meters;
  private final JsonMapper json;
  private final SocketIoNamespace namespace;
  private final EngineTimer timer;
  private final Map<String, EngineConnection> connections = new ConcurrentHashMap<>();
  private final Set<CompletableFuture<Void>> ending = ConcurrentHashMap.newKeySet();
  private final Set<EngineConnection> strangers = ConcurrentHashMap.newKeySet();
  private final Semaphore permits;
  private final Semaphore strangerPermits;
  private volatile boolean running;

  /**
   * @param blocking runs what may block
   */
  public EngineServer(
      EngineSettings settings,
      Executor blocking,
      SocketIoMeters meters,
      JsonMapper json,
      EngineTimer timer,
      SocketIoNamespace namespace) {
    this.settings = settings;
    this.blocking = blocking;
    this.meters = meters;
    this.json = json;
    this.timer = timer;
    this.namespace = namespace;
    this.permits = new Semaphore(settings.maxClients());
    this.strangerPermits = new Semaphore(Math.max(1, settings.maxClients() / STRANGERS_SHARE));
    meters.clients(() -> settings.maxClients() - permits.availablePermits());
  }

  EngineSettings settings() {
    return settings;
  }

  SocketIoMeters meters() {
    return meters;
  }

  EngineTimer timer() {
    return timer;
  }

  JsonMapper json() {
    return json;
  }

  SocketIoNamespace namespace() {
    return namespace;
  }

  void execute(Runnable task) {
    blocking.execute(task);
  }

  Optional<EngineConnection> find(String id) {
    return Optional.ofNullable(connections.get(id));
  }

  /**
   * Opens a connection.
   *
   * @param socket null for one that begins by polling
   * @throws EngineRefusal to come again later when there is no permit
   */
  EngineConnection open(Handshake handshake, @Nullable WebSocketPeer socket) {
    if (!running) {
      throw EngineRefusal.tryLater("draining");
    }
    if (!permits.tryAcquire()) {
      meters.refused("max-clients");
      throw EngineRefusal.tryLater("Too many clients");
    }
    boolean stranger = settings.keyRequired() && handshake.principal().isEmpty();
    if (stranger && !strangerPermits.tryAcquire()) {
      permits.release();
      meters.refused("max-strangers");
      throw EngineRefusal.tryLater("Too many clients without a key");
    }
    EngineConnection connection = new EngineConnection(newId(), handshake, this, socket);
    if (stranger) {
      strangers.add(connection);
    }
    connections.put(connection.id(), connection);
    meters.handshake(socket == null ? "polling" : "websocket");
    connection.send(EnginePacket.Type.OPEN.with(openData(connection.id(), socket == null)));
    connection.pong();
    if (!running) {
      // It came while the others were being closed.
      connection.close("draining");
    }
    return connection;
  }

  /** An id of letters and digits, which is safe in a URL and in a file's name. */
  private static String newId() {
    char[] id = new char[ID_LENGTH];
    for (int i = 0; i < ID_LENGTH; i++) {
      id[i] = ID_LETTERS.charAt(RANDOM.nextInt(ID_LETTERS.length()));
    }
    return new String(id);
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
            settings.maxPayloadBytes()));
  }

  /** The connection's client has joined: it is no stranger any more. */
  void authenticated(EngineConnection connection) {
    if (strangers.remove(connection)) {
      strangerPermits.release();
    }
  }

  /** A connection has begun to end; a poll that comes late still reads what was sent before. */
  void closing(EngineConnection connection) {
    CompletableFuture<Void> ended = connection.ended();
    ending.add(ended);
    ended.thenRun(() -> ending.remove(ended));
    timer.later(() -> connections.remove(connection.id(), connection), LAST_POLL);
    authenticated(connection);
    permits.release();
  }

  @Override
  public void start() {
    running = true;
  }

  /** Tells every client, and waits until every member has left. */
  @Override
  public void stop() {
    running = false;
    List<EngineConnection> open = List.copyOf(connections.values());
    open.forEach(connection -> connection.close("draining"));
    // Also those that another has begun to end and whose member is still leaving.
    CompletableFuture<?>[] ends =
        Stream.concat(open.stream().map(EngineConnection::ended), ending.stream())
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(ends).get(STOP_WITHIN_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException late) {
      LOG.warn("{} Socket.IO clients did not leave in time", ending.size());
    }
    timer.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Stopped after the WebSocket endpoints, before the web server. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 600;
  }
}
