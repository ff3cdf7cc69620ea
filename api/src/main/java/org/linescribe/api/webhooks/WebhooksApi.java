package org.linescribe.api.webhooks;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.StartedFirst;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.erasure.SessionErasure;
import org.linescribe.session.recordings.CallRecordings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Sends webhooks, and opens {@code /webhooks}: how they do, and what was given up. */
@ApiPackage
@EnableConfigurationProperties(WebhookSettings.class)
class WebhooksApi {
  record EndpointsBody(List<Webhooks.EndpointState> endpoints) {}

  record DeadLettersBody(List<DeadLetters.Letter> deadLetters) {}

  @Bean(destroyMethod = "close")
  Webhooks webhooks(
      WebhookSettings settings,
      Sessions sessions,
      JsonMapper json,
      Environment environment,
      MeterRegistry registry,
      ObjectProvider<CallRecordings> recordings,
      ObjectProvider<CallLog> calls,
      ObjectProvider<SessionErasure> erasure) {
    Webhooks webhooks =
        new Webhooks(
            settings,
            Path.of(environment.getProperty("linescribe.data", "data")).resolve("webhooks"),
            sessions,
            json,
            Clock.systemUTC(),
            registry);
    recordings.ifAvailable(kept -> kept.onReady(webhooks::onReady));
    calls.ifAvailable(log -> log.onKeep(webhooks::onCall));
    erasure.ifAvailable(eraser -> eraser.onErasure(webhooks::erase));
    return webhooks;
  }

  /** Behind the erasures that are due: nobody is told of a session that was erased meanwhile. */
  @Bean
  StartedFirst webhooksGoOn(Webhooks webhooks) {
    return new StartedFirst(1, webhooks::start);
  }

  @Bean
  RouterFunction<ServerResponse> sessionWebhookRoutes(
      Webhooks webhooks, WebhookSettings settings, Sessions sessions, BlockingCalls blockingCalls) {
    return new SessionWebhooks(webhooks, settings, sessions, blockingCalls, Clock.systemUTC())
        .routes();
  }

  @Bean
  RouterFunction<ServerResponse> webhookRoutes(Webhooks webhooks, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET("/webhooks", _ -> blockingCalls.answer(() -> new EndpointsBody(webhooks.states())))
        .GET(
            "/webhooks/dead-letters",
            _ -> blockingCalls.answer(() -> new DeadLettersBody(webhooks.deadLetters())))
        .POST(
            "/webhooks/dead-letters/{id}/replay",
            request -> replay(request, webhooks, blockingCalls))
        .build();
  }

  private static Mono<ServerResponse> replay(
      ServerRequest request, Webhooks webhooks, BlockingCalls blockingCalls) {
    return blockingCalls
        .call(
            () ->
                webhooks
                    .replay(request.pathVariable("id"))
                    .orElseThrow(() -> RefusedRequestException.notFound("No such dead letter")))
        .flatMap(
            outcome ->
                outcome.taken()
                    ? ServerResponse.ok().bodyValue(Map.of("status", "delivered"))
                    : Mono.error(
                        new RefusedRequestException(
                            HttpStatus.BAD_GATEWAY,
                            "The receiver did not take it: " + outcome.reason())));
  }
}
