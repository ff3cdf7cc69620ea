package org.linescribe.api.http;

import java.nio.charset.StandardCharsets;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers with files that come with the program. */
public final class StaticFiles {
  private StaticFiles() {}

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
