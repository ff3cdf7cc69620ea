package org.linescribe.api.socketio.protocol;

import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.Event;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.Member;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.RefusedClientException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The Socket.IO side of a connection: namespace, events, attachments.
 *
 * <p>Thread: the public methods may be called by any; the rest is the connection's, one call at a
 * time.
 *
 * <p>Source: the Socket.IO protocol, revision 5.
 */
public final class SocketIoClient implements EngineConnection.Listener {
  private final EngineConnection connection;
  private final EngineServer server;
  private final SocketIoNamespace namespace;
  private final List<byte[]> attachments = new ArrayList<>();
  private @Nullable SocketPacket awaiting;
  private long attachmentBytes;
  private Future<?> idle;
  private JsonNode auth = MissingNode.getInstance();
  private @Nullable Member member;

  SocketIoClient(EngineConnection connection, EngineServer server) {
    this.connection = connection;
    this.server = server;
    this.namespace = server.namespace();
    this.idle = closeIfIdle();
  }

  /** Who made the handshake, where its request said so. */
  public Optional<Principal> principal() {
    return connection.handshake().principal();
  }

  /** {@code http://HOST}, as the client called us. */
  public String baseUrl() {
    return connection.handshake().baseUrl();
  }

  /** A member of the client's {@code auth}; never of the query, which proxies write into logs. */
  public Optional<String> auth(String name) {
    JsonNode value = auth.path(name);
    return value.isValueNode() && !value.isNull()
        ? Optional.of(value.asString())
        : Optional.empty();
  }

  /** A member of the client's {@code auth}, or else a parameter of the handshake's query. */
  public Optional<String> parameter(String name) {
    return auth(name).or(() -> connection.handshake().parameters().apply(name));
  }

  /**
   * Sends an event, after waiting until the client has read enough. Never on an event loop.
   *
   * @param body its argument, JSON
   */
  public void emit(String event, String body) throws InterruptedException {
    connection.transport().sendWaiting(packet(event, body));
  }

  /** As {@link #emit}, but does not wait: a client that reads too slowly is closed. */
  public void emitNow(String event, String body) {
    connection.send(packet(event, body));
  }

  /** Sends an event that only matters until a later one. */
  public void emitLatest(String event, String body) {
    connection.transport().sendLatest(packet(event, body));
  }

  /** Answers an event that wants it. */
  public void acknowledge(Event event, String body) throws InterruptedException {
    if (event.acknowledgement().isPresent()) {
      connection
          .transport()
          .sendWaiting(
              SocketPacket.Type.ACK.in(
                  namespace.name(), event.acknowledgement().getAsLong() + "[" + body + "]"));
    }
  }

  /** Tells the client that it is no member any more. */
  public void disconnect() {
    connection.send(SocketPacket.Type.DISCONNECT.in(namespace.name(), ""));
  }

  private String packet(String event, String body) {
    return SocketPacket.Type.EVENT.in(namespace.name(), "[\"" + event + "\"," + body + "]");
  }

  /** A connection that is in no namespace is of no use. */
  private Future<?> closeIfIdle() {
    return server
        .timer()
        .later(() -> connection.close("no namespace"), server.settings().connectTimeout());
  }

  @Override
  public void onText(String text) throws BadPacketException, InterruptedException {
    if (awaiting != null) {
      throw new BadPacketException("text where an attachment was announced");
    }
    SocketPacket packet = SocketPacket.parse(text, server.json());
    if (packet.attachments() > 0) {
      awaiting = packet;
      attachmentBytes = 0;
    } else {
      handle(packet);
    }
  }

  @Override
  public void onBinary(byte[] bytes) throws BadPacketException, InterruptedException {
    SocketPacket packet = awaiting;
    attachmentBytes += bytes.length;
    if (packet == null || attachmentBytes > server.settings().maxPayloadBytes()) {
      throw new BadPacketException(packet == null ? "no attachment announced" : "too much");
    }
    attachments.add(bytes);
    if (attachments.size() == packet.attachments()) {
      awaiting = null;
      try {
        handle(packet);
      } finally {
        attachments.clear();
      }
    }
  }

  private void handle(SocketPacket packet) throws BadPacketException, InterruptedException {
    switch (packet.type()) {
      case CONNECT -> connect(packet);
      case DISCONNECT -> {
        if (packet.namespace().equals(namespace.name()) && leave()) {
          idle = closeIfIdle();
        }
      }
      case EVENT, BINARY_EVENT -> event(packet);
      case ACK, BINARY_ACK -> {
        // Nothing that is sent asks for one.
      }
      case CONNECT_ERROR -> throw new BadPacketException("a packet that only a server sends");
    }
  }

  private void connect(SocketPacket packet) throws BadPacketException, InterruptedException {
    if (!packet.namespace().equals(namespace.name())) {
      server.meters().refused("namespace");
      refuse(packet.namespace(), "Invalid namespace", Map.of());
      return;
    }
    if (member != null) {
      throw new BadPacketException("connected twice");
    }
    auth = packet.data();
    Member joined;
    try {
      joined = namespace.join(this);
    } catch (RefusedClientException refused) {
      refuse(packet.namespace(), String.valueOf(refused.getMessage()), refused.data());
      return;
    }
    member = joined;
    idle.cancel(false);
    server.authenticated(connection);
    connection
        .transport()
        .sendWaiting(
            SocketPacket.Type.CONNECT.in(
                packet.namespace(), server.json().writeValueAsString(Map.of("sid", joined.sid()))));
    joined.connected();
  }

  private void refuse(String asked, String message, Map<String, Object> data)
      throws InterruptedException {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("message", message);
    if (!data.isEmpty()) {
      body.put("data", data);
    }
    connection
        .transport()
        .sendWaiting(
            SocketPacket.Type.CONNECT_ERROR.in(asked, server.json().writeValueAsString(body)));
  }

  private void event(SocketPacket packet) throws BadPacketException, InterruptedException {
    Member to = member;
    if (to == null || !packet.namespace().equals(namespace.name())) {
      throw new BadPacketException("an event outside of any namespace");
    }
    if (!packet.data().isArray() || !packet.data().path(0).isString()) {
      throw new BadPacketException("an event without a name");
    }
    List<JsonNode> arguments = packet.data().valueStream().skip(1).toList();
    to.event(
        new Event(
            packet.data().path(0).asString(),
            arguments,
            List.copyOf(attachments),
            packet.acknowledgement()));
  }

  private boolean leave() {
    Member leaving = member;
    member = null;
    if (leaving != null) {
      leaving.left();
    }
    return leaving != null;
  }

  @Override
  public void onClosed() {
    idle.cancel(false);
    leave();
  }
}
