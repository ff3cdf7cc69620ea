package org.linescribe.api.console;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.OpenPaths;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.StaticFiles;
import org.springframework.context.annotation.Bean;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Serves the console's page at {@code /} and its files below {@code /console/assets/}. They are the
 * same for everybody and hold no data, so that no key is asked for: the page asks the user for one
 * and shows it to the APIs.
 */
@ApiPackage
class ConsoleApi {
  private static final String ASSETS = "/console/assets/";

  /** The names that Vite gives; a path cannot be told with them. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,100}\\.[a-z0-9]{1,8}");

  /** A file's name contains its hash: another content has another name. */
  private static final Duration ASSETS_KEPT = Duration.ofDays(365);

  /**
   * Files of this gateway and nothing else; recordings are played from memory. Trusted types: no
   * script can turn text into markup, whatever a caller has said or is called.
   */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; media-src 'self' blob:; worker-src 'self'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

  @Bean
  OpenPaths consolePaths() {
    return new OpenPaths("/", ASSETS);
  }

  @Bean
  RouterFunction<ServerResponse> consoleRoutes(BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET("/", _ -> page(blockingCalls))
        .GET(ASSETS + "{name}", request -> asset(request, blockingCalls))
        .build();
  }

  private static Mono<ServerResponse> page(BlockingCalls blockingCalls) {
    return blockingCalls
        .call(
            () ->
                bytes("site/index.html")
                    .orElseThrow(
                        () -> new IllegalStateException("the console is missing in this build")))
        .flatMap(
            bytes ->
                StaticFiles.page(POLICY)
                    .header("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
                    .bodyValue(bytes));
  }

  private static Mono<ServerResponse> asset(ServerRequest request, BlockingCalls blockingCalls) {
    String name = request.pathVariable("name");
    if (!NAME.matcher(name).matches()) {
      throw notFound();
    }
    return blockingCalls
        .call(() -> bytes("site" + ASSETS + name).orElseThrow(ConsoleApi::notFound))
        .flatMap(
            bytes -> StaticFiles.answer(name, bytes, CacheControl.maxAge(ASSETS_KEPT).immutable()));
  }

  private static RefusedRequestException notFound() {
    return new RefusedRequestException(HttpStatus.NOT_FOUND, "Not Found");
  }

  private static Optional<byte[]> bytes(String resource) throws IOException {
    try (InputStream in = ConsoleApi.class.getResourceAsStream(resource)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    }
  }
}
