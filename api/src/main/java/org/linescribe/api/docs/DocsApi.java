package org.linescribe.api.docs;

import java.time.Duration;
import java.util.Set;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.StaticFiles;
import org.springframework.context.annotation.Bean;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /docs}, {@code /redoc} and the documents that they show. */
@ApiPackage
class DocsApi {
  private static final Duration ASSETS_KEPT = Duration.ofHours(1);

  /** All that is served from the assets; nothing else in the class path is. */
  private static final Set<String> ASSETS =
      Set.of(
          "docs.css",
          "docs.js",
          "events.js",
          "redoc.js",
          "redoc.standalone.js",
          "redoc.standalone.js.LICENSE.txt",
          "swagger-ui.css",
          "swagger-ui-bundle.js",
          "swagger-ui-bundle.js.LICENSE.txt",
          "favicon-32x32.png");

  /**
   * Nothing comes from another host, even if a document or a bundle should ask for it. The pages
   * set styles by script; ReDoc searches in a worker that it makes of a blob.
   */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @Bean
  Documents documents(JsonMapper json) {
    return new Documents(json);
  }

  @Bean
  RouterFunction<ServerResponse> docsRoutes(Documents documents, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET("/docs", _ -> page(blockingCalls, "docs.html"))
        .GET("/docs/events", _ -> page(blockingCalls, "events.html"))
        .GET("/redoc", _ -> page(blockingCalls, "redoc.html"))
        .GET("/docs/assets/{name}", request -> asset(request, blockingCalls))
        .GET("/openapi.yaml", _ -> yaml(blockingCalls, "openapi.yaml"))
        .GET("/openapi.json", _ -> json(blockingCalls, documents, "openapi.yaml"))
        .GET("/asyncapi.yaml", _ -> yaml(blockingCalls, "asyncapi.yaml"))
        .GET("/asyncapi.json", _ -> json(blockingCalls, documents, "asyncapi.yaml"))
        .build();
  }

  private static Mono<ServerResponse> page(BlockingCalls blockingCalls, String name) {
    return blockingCalls
        .call(() -> Documents.bytes(name))
        .flatMap(bytes -> StaticFiles.page(POLICY).bodyValue(bytes));
  }

  private static Mono<ServerResponse> asset(ServerRequest request, BlockingCalls blockingCalls) {
    String name = request.pathVariable("name");
    if (!ASSETS.contains(name)) {
      throw RefusedRequestException.notFound("Not Found");
    }
    return blockingCalls
        .call(() -> Documents.asset(name))
        .flatMap(
            bytes ->
                StaticFiles.answer(name, bytes, CacheControl.maxAge(ASSETS_KEPT).cachePrivate()));
  }

  private static Mono<ServerResponse> yaml(BlockingCalls blockingCalls, String name) {
    return document(blockingCalls.call(() -> Documents.bytes(name)), MediaType.APPLICATION_YAML);
  }

  private static Mono<ServerResponse> json(
      BlockingCalls blockingCalls, Documents documents, String name) {
    return document(blockingCalls.call(() -> documents.json(name)), MediaType.APPLICATION_JSON);
  }

  private static Mono<ServerResponse> document(Mono<byte[]> document, MediaType type) {
    return document.flatMap(
        bytes ->
            ServerResponse.ok()
                .contentType(type)
                .cacheControl(CacheControl.noCache())
                .bodyValue(bytes));
  }
}
