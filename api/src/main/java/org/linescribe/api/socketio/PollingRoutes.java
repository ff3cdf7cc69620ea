package org.linescribe.api.socketio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.socketio.EngineServer.Refusal;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.channel.AbortedException;

/**
 * Engine.IO by long-polling: a GET waits for packets, a POST brings some.
 *
 * <p>Thread: the event loop; packets are worked on virtual threads.
 */
final class PollingRoutes {
  private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

  private final EngineServer server;
  private final BlockingCalls blocking;

  PollingRoutes(EngineServer server, BlockingCalls blocking) {
    this.server = server;
    this.blocking = blocking;
  }

  Mono<ServerResponse> get(ServerRequest request) {
    return session(request)
        .map(
            session -> session.poll().switchIfEmpty(Mono.error(() -> refused(Refusal.BAD_REQUEST))))
        .orElseGet(() -> handshake(request).poll())
        .flatMap(PollingRoutes::text);
  }

  private EngineSession handshake(ServerRequest request) {
    // A copy, so that the connection does not hold its first request.
    Map<String, String> query = new HashMap<>(request.queryParams().toSingleValueMap());
    return server.open(
        Handshake.of(
            request.uri(),
            name -> Optional.ofNullable(request.headers().firstHeader(name)),
            name -> Optional.ofNullable(query.get(name)),
            server.settings().trustForwarded()),
        null);
  }

  Mono<ServerResponse> post(ServerRequest request) {
    EngineSession session =
        session(request).orElseThrow(() -> refused(Refusal.BAD_HANDSHAKE_METHOD));
    if (!session.transport().isPolling()) {
      throw refused(Refusal.BAD_REQUEST);
    }
    if (!session.intake().beginPost()) {
      session.close("overlapping posts");
      throw refused(Refusal.BAD_REQUEST);
    }
    // A body may take as long as a client may be silent.
    Duration patience = server.settings().pingInterval().plus(server.settings().pingTimeout());
    return body(request)
        .timeout(patience)
        .onErrorMap(DataBufferLimitException.class, _ -> tooLarge(session))
        .onErrorMap(TimeoutException.class, _ -> tooSlow(session))
        .onErrorMap(AbortedException.class, _ -> cutOff(session))
        .onErrorMap(IOException.class, _ -> cutOff(session))
        .doFinally(
            how -> {
              if (how != SignalType.ON_COMPLETE) {
                session.intake().endPost();
              }
            })
        // Not interrupted when the client hangs up: that would close the file under it.
        .flatMap(payload -> blocking.callToEnd(() -> work(session, payload)))
        .flatMap(PollingRoutes::text);
  }

  private Mono<String> body(ServerRequest request) {
    int maxBytes = Math.toIntExact(server.settings().maxPayload().toBytes());
    long declared = request.headers().contentLength().orElse(0);
    if (declared > maxBytes) {
      return Mono.error(new DataBufferLimitException(declared + " bytes"));
    }
    return DataBufferUtils.join(request.bodyToFlux(DataBuffer.class), maxBytes)
        .map(
            buffer -> {
              try {
                return buffer.toString(StandardCharsets.UTF_8);
              } finally {
                DataBufferUtils.release(buffer);
              }
            })
        .defaultIfEmpty("");
  }

  private static String work(EngineSession session, String payload) throws InterruptedException {
    try {
      session.intake().receive(EnginePacket.payload(payload));
      return "ok";
    } catch (BadPacketException bad) {
      session.refuse(bad);
      throw refused(Refusal.BAD_REQUEST);
    } finally {
      // Before the answer: the client's next request follows it at once.
      session.intake().endPost();
    }
  }

  private RefusedRequestException tooLarge(EngineSession session) {
    server.meters().refused("max-payload");
    session.close("payload too large");
    return new RefusedRequestException(
        HttpStatus.CONTENT_TOO_LARGE,
        "Payload too large",
        Map.of("max_bytes", server.settings().maxPayload().toBytes()));
  }

  private static RefusedRequestException tooSlow(EngineSession session) {
    session.close("slow upload");
    return new RefusedRequestException(HttpStatus.REQUEST_TIMEOUT, "Request timeout", Map.of());
  }

  /** No client goes on with a connection of which a request broke. */
  private static RefusedRequestException cutOff(EngineSession session) {
    session.close("upload cut off");
    return refused(Refusal.BAD_REQUEST);
  }

  /** The session that a request names; empty when it names none and may begin one. */
  private Optional<EngineSession> session(ServerRequest request) {
    String transport = request.queryParam("transport").orElse("");
    if (!transport.equals("polling")) {
      throw refused(
          transport.equals("websocket") ? Refusal.BAD_REQUEST : Refusal.UNKNOWN_TRANSPORT);
    }
    if (!request.queryParam("EIO").equals(Optional.of("4"))) {
      throw refused(Refusal.UNSUPPORTED_VERSION);
    }
    if (request.queryParam("j").isPresent()) {
      throw refused(Refusal.BAD_REQUEST);
    }
    Optional<String> sid = request.queryParam("sid");
    return sid.map(id -> server.find(id).orElseThrow(() -> refused(Refusal.UNKNOWN_SESSION)));
  }

  private static RefusedRequestException refused(Refusal refusal) {
    return EngineServer.refused(refusal);
  }

  private static Mono<ServerResponse> text(String payload) {
    return ServerResponse.ok()
        .contentType(TEXT)
        .cacheControl(CacheControl.noStore())
        .bodyValue(payload);
  }
}
