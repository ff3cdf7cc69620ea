package org.linescribe.api.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.session.keys.StoredKey;
import org.linescribe.session.keys.StoredKeys;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Opens {@code /keys}: the keys that are let in; makes and revokes those of the store. */
@ApiPackage
class KeysApi {
  /**
   * A key.
   *
   * @param source "settings", or "store" for one that can be revoked
   * @param key its text, in the answer that made it and never again
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyBody(
      String name,
      String owner,
      List<String> scopes,
      String source,
      @Nullable Integer open,
      @Nullable Instant createdAt,
      @Nullable String createdBy,
      @Nullable String key) {
    static KeyBody of(StoredKey stored, @Nullable Integer open, @Nullable String text) {
      return new KeyBody(
          stored.name(),
          stored.owner(),
          stored.scopes(),
          "store",
          open,
          stored.createdAt(),
          stored.createdBy(),
          text);
    }
  }

  record KeysBody(List<KeyBody> keys) {}

  /** What a client asks for. */
  record KeyRequest(@Nullable JsonNode name, @Nullable JsonNode owner, @Nullable JsonNode scopes) {
    String newName() {
      return Objects.requireNonNullElse(text("name", name), "");
    }

    /** Null where the key is its own. */
    @Nullable String newOwner() {
      return text("owner", owner);
    }

    /** What is no text is no scope, and is refused as one that there is not. */
    Set<String> newScopes() {
      return scopes == null
          ? Set.of()
          : scopes.valueStream().map(scope -> scope.asString("")).collect(Collectors.toSet());
    }

    /** Numbers and truth values are not taken for text, as the document says. */
    private static @Nullable String text(String field, @Nullable JsonNode value) {
      if (value == null || value.isNull()) {
        return null;
      }
      if (!value.isString()) {
        throw RefusedRequestException.badRequest(field + ": expected a text");
      }
      return value.asString();
    }
  }

  /** Absent where there is no store of keys. */
  @Bean(initMethod = "start", destroyMethod = "close")
  @Nullable MadeKeys madeKeys(
      ObjectProvider<StoredKeys> store, AccessFilter filter, ObjectProvider<Clock> clock) {
    StoredKeys known = store.getIfAvailable();
    return known == null
        ? null
        : new MadeKeys(known, filter.ring(), clock.getIfAvailable(Clock::systemUTC));
  }

  @Bean
  RouterFunction<ServerResponse> keyRoutes(
      ObjectProvider<MadeKeys> made, AccessFilter filter, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET("/keys", _ -> list(made.getIfAvailable(), filter, blockingCalls))
        .POST("/keys", request -> make(request, usable(made, filter), blockingCalls))
        .DELETE("/keys/{name}", request -> revoke(request, usable(made, filter), blockingCalls))
        .build();
  }

  private static MadeKeys usable(ObjectProvider<MadeKeys> made, AccessFilter filter) {
    MadeKeys keys = made.getIfAvailable();
    if (keys == null || !filter.isRequired()) {
      throw RefusedRequestException.conflict(
          "No key is asked for here: see linescribe.access.mode, and make the first key with"
              + " linescribe keys new");
    }
    return keys;
  }

  private static Mono<ServerResponse> list(
      @Nullable MadeKeys made, AccessFilter filter, BlockingCalls blockingCalls) {
    return blockingCalls.answer(() -> bodies(made == null ? List.of() : made.all(), filter));
  }

  /** A key of the settings stands before one of the store that has its name. */
  private static KeysBody bodies(List<StoredKey> stored, AccessFilter filter) {
    Map<String, StoredKey> byName =
        stored.stream()
            .filter(key -> !filter.ring().isConfigured(key.name()))
            .collect(Collectors.toMap(StoredKey::name, Function.identity()));
    return new KeysBody(
        filter.keys().stream()
            .map(
                key ->
                    byName.containsKey(key.name())
                        ? KeyBody.of(byName.get(key.name()), key.open(), null)
                        : new KeyBody(
                            key.name(),
                            key.owner(),
                            key.scopes(),
                            "settings",
                            key.open(),
                            null,
                            null,
                            null))
            .toList());
  }

  private static Mono<ServerResponse> make(
      ServerRequest request, MadeKeys keys, BlockingCalls blockingCalls) {
    String by = Caller.nameIn(request.attributes()).orElse("");
    return request
        .bodyToMono(KeyRequest.class)
        .switchIfEmpty(Mono.error(RefusedRequestException.badRequest("a JSON body is expected")))
        .flatMap(
            asked ->
                blockingCalls.call(
                    () -> keys.make(asked.newName(), asked.newOwner(), asked.newScopes(), by)))
        .flatMap(
            made ->
                ServerResponse.status(HttpStatus.CREATED)
                    .header("Cache-Control", "no-store")
                    .bodyValue(KeyBody.of(made.key(), null, made.text())));
  }

  private static Mono<ServerResponse> revoke(
      ServerRequest request, MadeKeys keys, BlockingCalls blockingCalls) {
    String by = Caller.nameIn(request.attributes()).orElse("");
    return blockingCalls
        .call(
            () -> {
              keys.revoke(request.pathVariable("name"), by);
              return true;
            })
        .flatMap(_ -> ServerResponse.noContent().build());
  }
}
