package org.linescribe.api.http;

import java.nio.charset.StandardCharsets;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Responses of server-sent events. The head goes out with the first event, so that a stream which
 * may be silent begins with a {@linkplain #comment comment}.
 *
 * <p>Source: WHATWG HTML, server-sent events.
 */
public final class EventStreams {
  private EventStreams() {}

  /** A comment, which clients skip. */
  public static String comment(String text) {
    return ": " + text + "\n\n";
  }

  /**
   * An event without a name. Not by Spring's writer: that writes {@code data:} without the space
   * that simple parsers look for.
   *
   * @param data one line
   */
  public static String data(String data) {
    return "data: " + data + "\n\n";
  }

  /** As {@link #data}, with the id that a client shows when it reconnects. */
  public static String data(String data, long id) {
    return "id: " + id + "\n" + data(data);
  }

  /** Each event is flushed; the stream ends with the application. */
  public static Mono<ServerResponse> response(Flux<String> events, ShutdownSignal shutdown) {
    Flux<Mono<DataBuffer>> flushed =
        events
            .takeUntilOther(shutdown.asMono())
            .map(
                event ->
                    Mono.just(
                        DefaultDataBufferFactory.sharedInstance.wrap(
                            event.getBytes(StandardCharsets.UTF_8))));
    return ServerResponse.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("Cache-Control", "no-cache")
        // Proxies that buffer responses (nginx) are told not to.
        .header("X-Accel-Buffering", "no")
        .body((message, _) -> message.writeAndFlushWith(flushed));
  }
}
