package org.linescribe.api.socketio.protocol;

import java.util.List;
import java.util.Optional;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;

/**
 * A WebSocket of an Engine.IO connection: its own, or one that takes over from polling.
 *
 * <p>Thread: the peer's event loop.
 */
public final class EngineSocket implements WebSocketReceiver {
  private final WebSocketPeer peer;
  private final EngineServer server;
  private final EngineConnection connection;
  private State state;

  private enum State {
    /** The probe is to come. */
    CANDIDATE,
    /** The probe was answered; the client's UPGRADE is to come. */
    PROBED,
    CARRIER
  }

  private EngineSocket(
      WebSocketPeer peer, EngineServer server, EngineConnection connection, State state) {
    this.peer = peer;
    this.server = server;
    this.connection = connection;
    this.state = state;
  }

  /** A WebSocket has been opened at the server's path. */
  public static WebSocketReceiver connected(WebSocketPeer peer, EngineServer server) {
    try {
      return open(peer, server);
    } catch (EngineRefusal refused) {
      peer.close(refused.close());
      return DISCARDING;
    }
  }

  private static EngineSocket open(WebSocketPeer peer, EngineServer server) {
    if (!peer.request().queryParameter("EIO").equals(Optional.of("4"))) {
      throw refused(server, EngineRefusal.Reason.UNSUPPORTED_VERSION);
    }
    if (!peer.request().queryParameter("transport").equals(Optional.of("websocket"))) {
      throw refused(server, EngineRefusal.Reason.UNKNOWN_TRANSPORT);
    }
    Optional<String> id = peer.request().queryParameter("sid");
    if (id.isEmpty()) {
      Handshake handshake =
          Handshake.of(
              peer.request().uri(),
              peer.request()::header,
              peer.request()::queryParameter,
              peer.request().principal(),
              server.settings().trustForwarded());
      return new EngineSocket(peer, server, server.open(handshake, peer), State.CARRIER);
    }
    EngineConnection known =
        server
            .find(id.get())
            .orElseThrow(() -> refused(server, EngineRefusal.Reason.UNKNOWN_SESSION));
    if (!known.beginUpgrade(peer)) {
      throw refused(server, EngineRefusal.Reason.BAD_REQUEST);
    }
    return new EngineSocket(peer, server, known, State.CANDIDATE);
  }

  private static EngineRefusal refused(EngineServer server, EngineRefusal.Reason reason) {
    server.meters().refused("request");
    return EngineRefusal.of(reason);
  }

  @Override
  public void onText(String text) {
    try {
      EnginePacket packet = EnginePacket.text(text);
      switch (state) {
        case CANDIDATE -> {
          if (!packet.equals(new EnginePacket.Text(EnginePacket.Type.PING, "probe"))) {
            throw new BadPacketException("no probe");
          }
          state = State.PROBED;
          connection.transport().probed(peer);
        }
        case PROBED -> {
          if (!packet.equals(new EnginePacket.Text(EnginePacket.Type.UPGRADE, ""))
              || !connection.upgrade(peer)) {
            throw new BadPacketException("no upgrade");
          }
          state = State.CARRIER;
        }
        case CARRIER -> {
          if (packet instanceof EnginePacket.Text(EnginePacket.Type type, String _)
              && type == EnginePacket.Type.PONG) {
            connection.pong();
          } else {
            work(packet);
          }
        }
      }
    } catch (BadPacketException bad) {
      refuse(bad);
    }
  }

  @Override
  public void onBinary(byte[] bytes) {
    if (state == State.CARRIER) {
      work(new EnginePacket.Binary(bytes));
    } else {
      refuse(new BadPacketException("binary before the upgrade"));
    }
  }

  /** A candidate that misbehaves does no harm to the connection that still polls. */
  private void refuse(BadPacketException bad) {
    if (state == State.CARRIER) {
      connection.refuse(bad);
    } else {
      peer.close(WebSocketClose.badRequest(String.valueOf(bad.getMessage())));
    }
  }

  private void work(EnginePacket packet) {
    peer.pauseReading();
    server.execute(
        () -> {
          try {
            connection.receive(List.of(packet));
          } catch (BadPacketException bad) {
            connection.refuse(bad);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            peer.execute(peer::resumeReading);
          }
        });
  }

  @Override
  public void onGone() {
    connection.gone(peer);
  }
}
