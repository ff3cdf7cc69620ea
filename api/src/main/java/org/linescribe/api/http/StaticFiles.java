package org.linescribe.api.http;

import java.nio.charset.StandardCharsets;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers with files that come with the program. */
public final class StaticFiles {
  private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

  private StaticFiles() {}

  /**
   * A page of HTML, which browsers ask for again each time. Its bytes are the answer's body.
   *
   * @param policy the Content-Security-Policy
   */
  public static ServerResponse.BodyBuilder page(String policy) {
    return ServerResponse.ok()
        .contentType(HTML)
        .cacheControl(CacheControl.noCache())
        .header("Content-Security-Policy", policy)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer");
  }

  /**
   * A file of a page, by the media type that its name tells; text is UTF-8.
   *
   * @param kept how long browsers keep it
   */
  public static Mono<ServerResponse> answer(String name, byte[] bytes, CacheControl kept) {
    MediaType type = MediaTypeFactory.getMediaType(name).orElse(MediaType.APPLICATION_OCTET_STREAM);
    return ServerResponse.ok()
        .contentType(
            type.getType().equals("text") ? new MediaType(type, StandardCharsets.UTF_8) : type)
        .cacheControl(kept)
        .header("X-Content-Type-Options", "nosniff")
        .bodyValue(bytes);
  }
}
