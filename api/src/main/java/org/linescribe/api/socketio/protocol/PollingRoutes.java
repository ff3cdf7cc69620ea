package org.linescribe.api.socketio.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.linescribe.api.socketio.protocol.EngineRefusal.Reason;
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
 * <p>Thread: the event loop; packets are handled on virtual threads.
 */
public final class PollingRoutes {
  private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

  private final EngineServer server;

  public PollingRoutes(EngineServer server) {
    this.server = server;
  }

  /** A GET: waits for packets; the first one of a client opens its connection. */
  public Mono<ServerResponse> get(ServerRequest request) {
    return answered(
        request
            .principal()
            .map(Optional::of)
            .defaultIfEmpty(Optional.empty())
            .flatMap(
                principal -> {
                  EngineConnection connection =
                      connection(request).orElseGet(() -> handshake(request, principal));
                  CompletableFuture<String> payload = connection.poll();
                  return payload == null
                      ? Mono.error(EngineRefusal.of(Reason.BAD_REQUEST))
                      : Mono.fromFuture(payload);
                }));
  }

  private EngineConnection handshake(ServerRequest request, Optional<Principal> principal) {
    // A copy, so that the connection does not hold its first request.
    Map<String, String> query = new HashMap<>(request.queryParams().toSingleValueMap());
    return server.open(
        Handshake.of(
            request.uri(),
            name -> Optional.ofNullable(request.headers().firstHeader(name)),
            name -> Optional.ofNullable(query.get(name)),
            principal,
            server.settings().trustForwarded()),
        null);
  }

  /** A POST: brings packets. */
  public Mono<ServerResponse> post(ServerRequest request) {
    return answered(Mono.defer(() -> receive(request)));
  }

  private Mono<String> receive(ServerRequest request) {
    EngineConnection connection =
        connection(request).orElseThrow(() -> EngineRefusal.of(Reason.BAD_HANDSHAKE_METHOD));
    if (!connection.transport().isPolling()) {
      throw EngineRefusal.of(Reason.BAD_REQUEST);
    }
    if (!connection.beginPost()) {
      connection.close("overlapping posts");
      throw EngineRefusal.of(Reason.BAD_REQUEST);
    }
    // A body may take as long as a client may be silent.
    Duration patience = server.settings().pingInterval().plus(server.settings().pingTimeout());
    return body(request)
        .timeout(patience)
        .onErrorMap(DataBufferLimitException.class, _ -> tooLarge(connection))
        .onErrorMap(TimeoutException.class, _ -> tooSlow(connection))
        .onErrorMap(AbortedException.class, _ -> cutOff(connection))
        .onErrorMap(IOException.class, _ -> cutOff(connection))
        .doFinally(
            how -> {
              if (how != SignalType.ON_COMPLETE) {
                connection.endPost();
              }
            })
        // Not cancelled when the client hangs up: an interrupt would close the file under it.
        .flatMap(
            payload ->
                Mono.fromFuture(
                    CompletableFuture.supplyAsync(
                        () -> handle(connection, payload), server::execute),
                    true));
  }

  private Mono<String> body(ServerRequest request) {
    int maxBytes = server.settings().maxPayloadBytes();
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

  private static String handle(EngineConnection connection, String payload) {
    try {
      connection.receive(EnginePacket.payload(payload));
      return "ok";
    } catch (BadPacketException bad) {
      connection.refuse(bad);
      throw EngineRefusal.of(Reason.BAD_REQUEST);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw EngineRefusal.tryLater("draining");
    } finally {
      // Before the answer: the client's next request follows it at once.
      connection.endPost();
    }
  }

  private EngineRefusal tooLarge(EngineConnection connection) {
    server.meters().refused("max-payload");
    connection.close("payload too large");
    return new EngineRefusal(
        HttpStatus.CONTENT_TOO_LARGE,
        "Payload too large",
        Map.of("max_bytes", server.settings().maxPayloadBytes()));
  }

  private static EngineRefusal tooSlow(EngineConnection connection) {
    connection.close("slow upload");
    return new EngineRefusal(HttpStatus.REQUEST_TIMEOUT, "Request timeout", Map.of());
  }

  /** No client goes on with a connection of which a request broke. */
  private static EngineRefusal cutOff(EngineConnection connection) {
    connection.close("upload cut off");
    return EngineRefusal.of(Reason.BAD_REQUEST);
  }

  /** The connection that a request names; empty when it names none and may begin one. */
  private Optional<EngineConnection> connection(ServerRequest request) {
    String transport = request.queryParam("transport").orElse("");
    if (!transport.equals("polling")) {
      throw EngineRefusal.of(
          transport.equals("websocket") ? Reason.BAD_REQUEST : Reason.UNKNOWN_TRANSPORT);
    }
    if (!request.queryParam("EIO").equals(Optional.of("4"))) {
      throw EngineRefusal.of(Reason.UNSUPPORTED_VERSION);
    }
    if (request.queryParam("j").isPresent()) {
      throw EngineRefusal.of(Reason.BAD_REQUEST);
    }
    Optional<String> sid = request.queryParam("sid");
    return sid.map(
        id -> server.find(id).orElseThrow(() -> EngineRefusal.of(Reason.UNKNOWN_SESSION)));
  }

  private static Mono<ServerResponse> answered(Mono<String> payload) {
    return payload
        .flatMap(PollingRoutes::text)
        .onErrorResume(EngineRefusal.class, EngineRefusal::response);
  }

  private static Mono<ServerResponse> text(String payload) {
    return ServerResponse.ok()
        .contentType(TEXT)
        .cacheControl(CacheControl.noStore())
        .bodyValue(payload);
  }
}
