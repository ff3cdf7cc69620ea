package org.linescribe.api.webhooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.Viewer;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.settings.SettingsCheck;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code /sessions/{session_id}/webhook}: the receiver that a session has besides those of the
 * settings.
 */
record SessionWebhooks(
    Webhooks webhooks,
    WebhookSettings settings,
    Sessions sessions,
    BlockingCalls blockingCalls,
    Clock clock) {
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  /** Each is kept in memory, those of all sessions that chose one. */
  private static final int MAX_URL_CHARACTERS = 2000;

  /** What a client asks for. */
  private record Asked(
      @Nullable String url, @Nullable String secret, @Nullable Set<String> events) {}

  /** What it is told; never the secret. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Body(String sessionId, String url, List<String> events, Instant chosenAt) {
    static Body of(SessionEndpoints.Chosen one) {
      return new Body(
          one.sessionId(), one.url(), one.events().stream().sorted().toList(), one.at());
    }
  }

  RouterFunction<ServerResponse> routes() {
    return RouterFunctions.route()
        .GET("/sessions/{session_id}/webhook", this::show)
        .PUT("/sessions/{session_id}/webhook", this::choose)
        .DELETE("/sessions/{session_id}/webhook", this::withdraw)
        .build();
  }

  private Mono<ServerResponse> show(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    Viewer viewer = Viewer.of(request.attributes());
    return blockingCalls.answer(() -> Body.of(seen(id, viewer)));
  }

  private Mono<ServerResponse> withdraw(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    Viewer viewer = Viewer.of(request.attributes());
    return blockingCalls
        .call(
            () -> {
              seen(id, viewer);
              return webhooks.withdraw(id);
            })
        .flatMap(_ -> ServerResponse.noContent().build());
  }

  private SessionEndpoints.Chosen seen(SessionId id, Viewer viewer) {
    return webhooks
        .chosen(id)
        .filter(one -> viewer.sees(one.owner().stream().findFirst()))
        .orElseThrow(
            () -> RefusedRequestException.notFound("The session has no webhook of its own", id));
  }

  private Mono<ServerResponse> choose(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    Viewer viewer = Viewer.of(request.attributes());
    return request
        .bodyToMono(Asked.class)
        .switchIfEmpty(Mono.error(RefusedRequestException.badRequest("a JSON body is expected")))
        .flatMap(asked -> blockingCalls.call(() -> choose(id, asked, viewer)))
        .flatMap(body -> ServerResponse.ok().bodyValue(body));
  }

  private Body choose(SessionId id, Asked asked, Viewer viewer) {
    Optional<SessionRecord> session = sessions.find(id);
    SessionEndpoints.Chosen one =
        checked(id, asked, viewer, session.isEmpty() && !sessions.isLive(id));
    // Whoever owns the session replaces what somebody else chose before it was there.
    boolean others =
        session.isPresent()
            ? !viewer.sees(session.get().owner())
            : webhooks
                .chosen(id)
                .filter(before -> !viewer.sees(before.owner().stream().findFirst()))
                .isPresent();
    if (others) {
      throw RefusedRequestException.sessionNotFound(id);
    }
    try {
      if (!webhooks.choose(id, one)) {
        throw RefusedRequestException.unavailable(
            "Too many sessions have a webhook of their own, or wait to be told of"
                + " (linescribe.webhooks.max-pending)",
            RETRY_AFTER);
      }
    } catch (IOException notKept) {
      throw RefusedRequestException.unavailable("The webhook cannot be kept", RETRY_AFTER);
    }
    return Body.of(one);
  }

  private SessionEndpoints.Chosen checked(SessionId id, Asked asked, Viewer viewer, boolean early) {
    String url = asked.url() == null ? "" : asked.url();
    String secret = asked.secret() == null ? "" : asked.secret();
    Set<String> events = asked.events() == null ? Set.of() : asked.events();
    Requests.require(
        url.length() <= MAX_URL_CHARACTERS && SettingsCheck.isHttpUrl(url),
        "url: expected https://HOST[:PORT][/PATH] or http://…, without user and fragment, at most "
            + MAX_URL_CHARACTERS
            + " characters");
    Requests.require(
        settings.allowPrivate() || PublicAddresses.mayBePublic(URI.create(url).getHost()),
        "url: an address that is not public (linescribe.webhooks.allow-private is off)");
    Requests.require(
        WebhookSettings.Endpoint.isSecret(secret),
        "secret: expected whsec_ and 24 to 64 bytes in base64");
    for (String event : events) {
      Requests.require(
          WebhookEvent.isName(event), "events: expected some of " + WebhookEvent.names());
    }
    return new SessionEndpoints.Chosen(
        id.value(),
        url,
        secret,
        events,
        viewer.owner().map(Set::of).orElse(Set.of()),
        clock.instant(),
        early);
  }
}
