package org.linescribe.testcalls;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/**
 * A real WebSocket server with the gateway's two paths, and a script instead of a recogniser: after
 * each 50 frames of a source it tells its readers the next of the script's lines.
 */
final class TranscriptServer implements AutoCloseable {
  /** A line of the script: nothing is told this time. */
  static final String PAUSE = "pause";

  final List<byte[]> frames = new CopyOnWriteArrayList<>();
  final List<String> sources = new CopyOnWriteArrayList<>();
  final List<String> subscriptions = new CopyOnWriteArrayList<>();

  /** The header Authorization of every handshake, "" where there is none. */
  final List<String> authorizations = new CopyOnWriteArrayList<>();

  private final Map<String, Sinks.Many<String>> readers = new ConcurrentHashMap<>();
  private final DisposableServer server;
  private volatile @Nullable BiFunction<WebsocketInbound, WebsocketOutbound, Mono<Void>> source;
  private volatile List<String> script = List.of();
  private volatile int refuseWith;

  TranscriptServer() {
    server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .route(
                routes ->
                    routes
                        .get(
                            "/ws/transcribe/{id}",
                            (request, response) -> {
                              sources.add(request.uri());
                              authorizations.add(request.requestHeaders().get("Authorization", ""));
                              if (refuseWith != 0) {
                                return response
                                    .status(refuseWith)
                                    .header("Retry-After", "7")
                                    .send();
                              }
                              String id = String.valueOf(request.param("id"));
                              return response.sendWebsocket((in, out) -> listen(id, in, out));
                            })
                        .get(
                            "/ws/subscribe/{id}",
                            (request, response) -> {
                              subscriptions.add(request.uri());
                              authorizations.add(request.requestHeaders().get("Authorization", ""));
                              String id = String.valueOf(request.param("id"));
                              return response.sendWebsocket((in, out) -> tell(id, in, out));
                            }))
            .bindNow();
  }

  String url() {
    return "ws://127.0.0.1:" + server.port();
  }

  /** What the readers are told, a line each 50 frames and the rest at the source's end. */
  void script(String... lines) {
    script = List.of(lines);
  }

  void refuseWith(int status) {
    refuseWith = status;
  }

  /** What happens on the source's socket instead of listening. */
  void source(BiFunction<WebsocketInbound, WebsocketOutbound, Mono<Void>> behaviour) {
    source = behaviour;
  }

  static String partial(long seq, String text) {
    return "{\"type\":\"partial\",\"seq\":%d,\"text\":\"%s\"}".formatted(seq, text);
  }

  static String last(long seq, String text) {
    return "{\"type\":\"final\",\"seq\":%d,\"text\":\"%s\",\"start_ms\":0,\"end_ms\":2900}"
        .formatted(seq, text);
  }

  static String ended(long seq) {
    return "{\"type\":\"ended\",\"seq\":%d,\"reason\":\"finished\"}".formatted(seq);
  }

  private Sinks.Many<String> reader(String id) {
    return readers.computeIfAbsent(id, _ -> Sinks.many().replay().all());
  }

  private Mono<Void> listen(String id, WebsocketInbound in, WebsocketOutbound out) {
    BiFunction<WebsocketInbound, WebsocketOutbound, Mono<Void>> instead = source;
    if (instead != null) {
      return instead.apply(in, out);
    }
    int[] next = {0, 0};
    return in.receive()
        .asByteArray()
        .doOnNext(
            frame -> {
              frames.add(frame);
              if (++next[0] % 50 == 0 && next[1] < script.size()) {
                say(id, script.get(next[1]++));
              }
            })
        .doFinally(
            _ -> {
              while (next[1] < script.size()) {
                say(id, script.get(next[1]++));
              }
            })
        .then();
  }

  private void say(String id, String line) {
    if (!line.equals(PAUSE)) {
      reader(id).tryEmitNext(line).orThrow();
    }
  }

  /** "drop": the reader's connection is cut there, once. */
  private Mono<Void> tell(String id, WebsocketInbound in, WebsocketOutbound out) {
    long subscribed =
        subscriptions.stream().filter(uri -> uri.startsWith("/ws/subscribe/" + id + "?")).count();
    Flux<String> lines = reader(id).asFlux();
    if (subscribed > 1 && script.contains("drop")) {
      lines = lines.skipUntil("drop"::equals).skip(1);
    }
    return out.sendString(
            lines.concatMap(
                line ->
                    line.equals("drop")
                        ? out.sendClose(1001, "going").then(Mono.<String>empty())
                        : Mono.just(line)))
        .then();
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
