package org.linescribe.api.socketio;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.WebSocketClose;
import org.linescribe.api.WebSocketPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * One Engine.IO connection: begins by polling or by WebSocket, may go from the former to the latter
 * once, and ends by either side's word, by a lost WebSocket, or by silence.
 *
 * <p>Outgoing packets go by its {@link EngineTransport}. Incoming ones are worked one after another
 * on virtual threads, and neither the next WebSocket message nor the next polling request is taken
 * before: the client is held back by TCP.
 *
 * <p>Thread: any. The listener hears one call at a time, on virtual threads.
 *
 * <p>Source: the Engine.IO protocol, revision 4.
 */
final class EngineSession {
  private static final Logger LOG = LoggerFactory.getLogger(EngineSession.class);

  /** From a candidate's arrival to its upgrade; as Engine.IO's own servers have it. */
  private static final Duration UPGRADE_WITHIN = Duration.ofSeconds(10);

  private static final String SLOW_READER = "slow reader";

  /** Hears the client. May block; what it throws unchecked closes the connection. */
  interface Listener {
    void onText(String text) throws BadPacketException, InterruptedException;

    void onBinary(byte[] bytes) throws BadPacketException, InterruptedException;

    /** Called once, last. */
    void onClosed(String reason);
  }

  /** Makes the listener of a new connection. */
  interface Opening {
    Listener opened(EngineSession session);
  }

  private final String id;
  private final Handshake handshake;
  private final EngineServer server;
  private final SocketIoMeters meters;
  private final EngineTransport transport;
  private final Intake intake;
  private final Heartbeat heartbeat;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  EngineSession(
      String id,
      Handshake handshake,
      EngineServer server,
      SocketIoMeters meters,
      Opening opening,
      @Nullable WebSocketPeer socket) {
    this.id = id;
    this.handshake = handshake;
    this.server = server;
    this.meters = meters;
    this.transport = new EngineTransport(socket);
    this.intake = new Intake(this, opening.opened(this));
    this.heartbeat =
        new Heartbeat(
            new Heart(),
            server.timer(),
            server.settings().pingInterval(),
            server.settings().pingTimeout());
  }

  /** What the heartbeat asks and tells. */
  private final class Heart implements Heartbeat.Client {
    private long waitsAtLastBeat;

    @Override
    public boolean ping() {
      return send(EnginePacket.Type.PING.with(""));
    }

    /** A worker that waits for the same room for all of a timeout waits for a deaf client. */
    @Override
    public boolean isMovingOn() {
      long now = transport.waits();
      boolean stuck = transport.isHeldBack() && now == waitsAtLastBeat;
      waitsAtLastBeat = now;
      return intake.isWorking() && !stuck;
    }

    @Override
    public void isSilent() {
      close("ping timeout");
    }
  }

  String id() {
    return id;
  }

  Handshake handshake() {
    return handshake;
  }

  /** The way to the client. */
  EngineTransport transport() {
    return transport;
  }

  /** Where what the client sends is worked. */
  Intake intake() {
    return intake;
  }

  boolean isOpen() {
    return transport.isOpen();
  }

  /**
   * Owes the client a packet.
   *
   * @return false when the connection is closed, now or before; a client that has not read the many
   *     packets before this one is closed as too slow
   */
  boolean send(String packet) {
    return switch (transport.send(packet)) {
      case TAKEN -> true;
      case CLOSED -> false;
      case NO_ROOM -> {
        // Elsewhere: the caller may be the pipeline's thread.
        server.execute(() -> close(SLOW_READER));
        yield false;
      }
    };
  }

  /** As {@link #send}, but waits until the client has read enough. Never on an event loop. */
  boolean sendWaiting(String packet) throws InterruptedException {
    return transport.sendWaiting(packet);
  }

  /** Sends a packet that only matters until a later one of either kind. */
  void sendLatest(String packet) {
    transport.sendLatest(packet);
  }

  /** The client's GET: completes when there is something to tell it, empty when it may not poll. */
  Mono<String> poll() {
    return transport.poll(() -> close("overlapping polls"));
  }

  /** What the client sent cannot be followed. */
  void refuse(BadPacketException why) {
    LOG.debug("Socket.IO connection {} is closed: {}", id, why.getMessage());
    meters.badPackets.increment();
    close("bad packet");
  }

  /** The heart begins to beat. */
  void start() {
    heartbeat.rest();
  }

  void pong() {
    heartbeat.rest();
  }

  /**
   * A WebSocket wants to take over, and has a bounded time for it.
   *
   * @return false when there is nothing to take over, or another is at it
   */
  boolean beginUpgrade(WebSocketPeer peer) {
    boolean begun = transport.begin(peer);
    if (begun) {
      server
          .timer()
          .later(
              () -> {
                if (transport.abandon(peer)) {
                  peer.close(WebSocketClose.badRequest("no upgrade in time"));
                }
              },
              UPGRADE_WITHIN);
    }
    return begun;
  }

  /**
   * The client has ended polling.
   *
   * @return false when the WebSocket is no candidate, or none any more
   */
  boolean upgrade(WebSocketPeer peer) {
    return switch (transport.upgrade(peer)) {
      case REFUSED -> false;
      case DONE -> {
        meters.upgrades.increment();
        yield true;
      }
      case NO_ROOM -> {
        meters.upgrades.increment();
        close(SLOW_READER);
        yield true;
      }
    };
  }

  /** A WebSocket is gone: the connection's end if it carried it, else the end of an upgrade. */
  void gone(WebSocketPeer peer) {
    if (!transport.abandon(peer) && transport.isCarrier(peer)) {
      close("transport closed");
    }
  }

  /**
   * Ends the connection; the client is told. Idempotent.
   *
   * @param reason one of few words, for metrics and the recording
   */
  void close(String reason) {
    EngineTransport.Ending ending = transport.close();
    if (ending == null) {
      return;
    }
    heartbeat.stop();
    if (reason.equals(SLOW_READER)) {
      meters.slowReaders.increment();
    }
    WebSocketPeer carrier = ending.carrier();
    if (carrier != null) {
      carrier.send(EnginePacket.Type.CLOSE.with(""));
      carrier.close(
          reason.equals(SLOW_READER)
              ? WebSocketClose.badRequest("the client does not read what it is sent")
              : new WebSocketClose(1000, reason));
    }
    WebSocketPeer candidate = ending.candidate();
    if (candidate != null) {
      candidate.close(new WebSocketClose(1000, reason));
    }
    meters.closed(reason);
    server.closing(this);
    server.execute(
        () -> {
          intake.last(reason);
          ended.complete(null);
        });
  }

  /** Completes when the connection has ended and its recording is saved. */
  CompletableFuture<Void> ended() {
    return ended;
  }
}
