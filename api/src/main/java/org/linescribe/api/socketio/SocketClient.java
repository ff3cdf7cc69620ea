package org.linescribe.api.socketio;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Socket.IO side of a connection: namespaces, events, attachments.
 *
 * <p>Thread: the connection's worker, one call at a time.
 *
 * <p>Source: the Socket.IO protocol, revision 5.
 */
final class SocketClient implements EngineSession.Listener {
  private final EngineSession engine;
  private final EngineServer server;
  private final Recordings recordings;
  private final JsonMapper json;
  private final List<byte[]> attachments = new ArrayList<>();
  private @Nullable SocketPacket awaiting;
  private long attachmentBytes;
  private Future<?> idle;
  private @Nullable StreamingClient streaming;

  SocketClient(EngineSession engine, EngineServer server, Recordings recordings, JsonMapper json) {
    this.engine = engine;
    this.server = server;
    this.recordings = recordings;
    this.json = json;
    this.idle = closeIfIdle();
  }

  /** A connection that is in no namespace is of no use. */
  private Future<?> closeIfIdle() {
    return server
        .timer()
        .later(() -> engine.close("no namespace"), server.settings().connectTimeout());
  }

  @Override
  public void onText(String text) throws BadPacketException, InterruptedException {
    if (awaiting != null) {
      throw new BadPacketException("text where an attachment was announced");
    }
    SocketPacket packet = SocketPacket.parse(text, json);
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
    if (packet == null || attachmentBytes > server.settings().maxPayload().toBytes()) {
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
        StreamingClient left = streaming;
        if (packet.namespace().equals(StreamingClient.NAMESPACE) && left != null) {
          streaming = null;
          left.leave("disconnect");
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
    if (!packet.namespace().equals(StreamingClient.NAMESPACE)) {
      recordings.meters().refused("namespace");
      refuse(packet.namespace(), "Invalid namespace", Map.of());
      return;
    }
    if (streaming != null) {
      throw new BadPacketException("connected twice");
    }
    StreamingClient joining = new StreamingClient(engine, recordings, json);
    try {
      joining.join(RecordingRequest.of(name -> parameter(packet.data(), name), server.settings()));
    } catch (RecordingRequest.RefusedParameterException refused) {
      recordings.meters().refused("parameter");
      refuse(packet.namespace(), String.valueOf(refused.getMessage()), Map.of());
      return;
    } catch (StreamingClient.RefusedClientException refused) {
      refuse(packet.namespace(), String.valueOf(refused.getMessage()), refused.data());
      return;
    }
    streaming = joining;
    idle.cancel(false);
    engine.sendWaiting(
        SocketPacket.Type.CONNECT.in(
            packet.namespace(), json.writeValueAsString(Map.of("sid", joining.sid()))));
    joining.greet();
  }

  /** What the client's {@code auth} says counts before the query. */
  private Optional<String> parameter(JsonNode auth, String name) {
    JsonNode value = auth.path(name);
    if (value.isValueNode() && !value.isNull()) {
      return Optional.of(value.asString());
    }
    return engine.handshake().parameters().apply(name);
  }

  private void refuse(String namespace, String message, Map<String, Object> data)
      throws InterruptedException {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("message", message);
    if (!data.isEmpty()) {
      body.put("data", data);
    }
    engine.sendWaiting(
        SocketPacket.Type.CONNECT_ERROR.in(namespace, json.writeValueAsString(body)));
  }

  private void event(SocketPacket packet) throws BadPacketException, InterruptedException {
    StreamingClient client = streaming;
    if (client == null || !packet.namespace().equals(StreamingClient.NAMESPACE)) {
      throw new BadPacketException("an event outside of any namespace");
    }
    if (!packet.data().isArray() || !packet.data().path(0).isString()) {
      throw new BadPacketException("an event without a name");
    }
    OptionalLong acknowledgement = packet.acknowledgement();
    switch (packet.data().path(0).asString()) {
      case "audio_chunk" -> {
        Optional<byte[]> chunk = binary(packet.data().path(1));
        if (chunk.isPresent()) {
          client.chunk(chunk.get(), acknowledgement);
        } else {
          client.noChunk(acknowledgement);
        }
      }
      case "stop_recording" -> client.stopRecording(acknowledgement);
      default -> recordings.meters().refused("event");
    }
  }

  /** The attachment that an argument stands for, itself or as its {@code chunk}. */
  private Optional<byte[]> binary(JsonNode argument) {
    JsonNode place = argument.has("chunk") ? argument.path("chunk") : argument;
    int number = place.path("num").asInt(-1);
    return place.path("_placeholder").asBoolean(false) && number >= 0 && number < attachments.size()
        ? Optional.of(attachments.get(number))
        : Optional.empty();
  }

  @Override
  public void onClosed(String reason) {
    idle.cancel(false);
    StreamingClient left = streaming;
    if (left != null) {
      left.leave("disconnect");
    }
  }
}
