package org.linescribe.api.socketio;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.WebSocketClose;
import org.linescribe.api.WebSocketPeer;
import org.linescribe.api.WebSocketReceiver;

/**
 * A WebSocket at the door: of a connection of its own, or to take over one that polls.
 *
 * <p>Thread: the peer's event loop.
 */
final class EngineSocket implements WebSocketReceiver {
  private final WebSocketPeer peer;
  private final EngineSession session;
  private final BlockingCalls blocking;
  private State state;

  private enum State {
    /** The probe is to come. */
    CANDIDATE,
    /** It came and was answered; the word to take over is to come. */
    PROBED,
    CARRIER
  }

  private EngineSocket(
      WebSocketPeer peer, EngineSession session, BlockingCalls blocking, State state) {
    this.peer = peer;
    this.session = session;
    this.blocking = blocking;
    this.state = state;
  }

  static WebSocketReceiver connected(
      WebSocketPeer peer, EngineServer server, BlockingCalls blocking) {
    if (!peer.queryParameter("EIO").equals(Optional.of("4"))) {
      return refuse(peer, server, EngineServer.Refusal.UNSUPPORTED_VERSION);
    }
    if (!peer.queryParameter("transport").equals(Optional.of("websocket"))) {
      return refuse(peer, server, EngineServer.Refusal.UNKNOWN_TRANSPORT);
    }
    if (peer.queryParameter("sid").isEmpty()) {
      Handshake handshake =
          Handshake.of(
              peer.requestUri(),
              peer::requestHeader,
              peer::queryParameter,
              server.settings().trustForwarded());
      try {
        return new EngineSocket(peer, server.open(handshake, peer), blocking, State.CARRIER);
      } catch (RefusedRequestException full) {
        peer.close(
            WebSocketClose.tryAgain(String.valueOf(full.getMessage()), Duration.ofSeconds(5)));
        return DEAF;
      }
    }
    EngineSession known = peer.queryParameter("sid").flatMap(server::find).orElse(null);
    if (known == null) {
      return refuse(peer, server, EngineServer.Refusal.UNKNOWN_SESSION);
    }
    if (!known.beginUpgrade(peer)) {
      return refuse(peer, server, EngineServer.Refusal.BAD_REQUEST);
    }
    return new EngineSocket(peer, known, blocking, State.CANDIDATE);
  }

  private static WebSocketReceiver refuse(
      WebSocketPeer peer, EngineServer server, EngineServer.Refusal refusal) {
    server.meters().refused("request");
    peer.close(WebSocketClose.badRequest(refusal.message()));
    return DEAF;
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
          session.transport().probed(peer);
        }
        case PROBED -> {
          if (!packet.equals(new EnginePacket.Text(EnginePacket.Type.UPGRADE, ""))
              || !session.upgrade(peer)) {
            throw new BadPacketException("no upgrade");
          }
          state = State.CARRIER;
        }
        case CARRIER -> {
          if (packet instanceof EnginePacket.Text(EnginePacket.Type type, String _)
              && type == EnginePacket.Type.PONG) {
            session.pong();
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
      session.refuse(bad);
    } else {
      peer.close(WebSocketClose.badRequest(String.valueOf(bad.getMessage())));
    }
  }

  private void work(EnginePacket packet) {
    peer.pauseReading();
    blocking.execute(
        () -> {
          try {
            session.intake().receive(List.of(packet));
          } catch (BadPacketException bad) {
            session.refuse(bad);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            peer.execute(peer::resumeReading);
          }
        });
  }

  @Override
  public void onGone() {
    session.gone(peer);
  }
}
