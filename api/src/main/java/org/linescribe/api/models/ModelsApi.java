package org.linescribe.api.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.EventStreams;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelPuller;
import org.linescribe.asr.catalogue.ModelStore;
import org.linescribe.asr.providers.ChosenDefault;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /models}: which there are, the download of one, and its speed here. */
@ApiPackage
@EnableConfigurationProperties(ModelPullSettings.class)
class ModelsApi {
  private static final Logger LOG = LoggerFactory.getLogger(ModelsApi.class);

  /**
   * A model.
   *
   * @param state "loaded", "installed" or "available"
   * @param hashKnown whether a pull needs no word of trust
   * @param pull its newest download since the start
   * @param speed what was measured last, since the start
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ModelBody(
      String name,
      String language,
      int aboutMegabytes,
      String licence,
      String source,
      String state,
      boolean hashKnown,
      ModelPulls.@Nullable Progress pull,
      ModelSpeeds.@Nullable Speed speed) {}

  /**
   * The catalogue.
   *
   * @param defaultModel of sessions that name none; it need not be of the catalogue
   * @param configuredModel what it is by the settings, until another is chosen
   */
  record ModelsBody(List<ModelBody> models, String defaultModel, String configuredModel) {}

  /** The new default. */
  record DefaultBody(String defaultModel) {}

  /** What a client asks for. */
  record Asked(@Nullable String sha256, @Nullable Boolean trustOnFirstUse) {}

  @Bean
  RouterFunction<ServerResponse> modelsRoutes(
      ModelPullSettings settings,
      Environment environment,
      Providers providers,
      BlockingCalls blockingCalls,
      ShutdownSignal shutdown,
      ObjectProvider<SpeedMeter> meter,
      Sessions sessions,
      ObjectProvider<Clock> clock,
      JsonMapper json) {
    Path data = Path.of(environment.getProperty("linescribe.data", "data"));
    ModelStore store = new ModelStore(data);
    ModelCatalogue catalogue = ModelCatalogue.bundled();
    ModelPulls pulls = new ModelPulls(data, settings);
    ChosenDefault chosen = new ChosenDefault(providers, data);
    ModelSpeeds speeds =
        new ModelSpeeds(meter.getIfAvailable(), sessions, clock.getIfAvailable(Clock::systemUTC));
    return RouterFunctions.route()
        .GET(
            "/models",
            _ -> blockingCalls.answer(() -> models(catalogue, store, providers, pulls, speeds)))
        .POST("/models/{name}/pull", request -> pull(request, catalogue, pulls, blockingCalls))
        .POST(
            "/models/{name}/speed",
            request -> speed(request, catalogue, store, speeds, blockingCalls))
        .POST("/models/{name}/default", request -> makeDefault(request, chosen, blockingCalls))
        .GET("/models/{name}/pull", request -> progress(request, pulls, shutdown, json))
        .build();
  }

  private static ModelsBody models(
      ModelCatalogue catalogue,
      ModelStore store,
      Providers providers,
      ModelPulls pulls,
      ModelSpeeds speeds) {
    Set<String> loaded =
        providers.recognisers().stream()
            .map(recogniser -> recogniser.info().model())
            .collect(Collectors.toSet());
    return new ModelsBody(
        catalogue.models().stream()
            .map(
                model ->
                    new ModelBody(
                        model.name(),
                        model.language(),
                        model.aboutMegabytes(),
                        model.licence(),
                        model.source(),
                        loaded.contains(model.name())
                            ? "loaded"
                            : isInstalled(model, store) ? "installed" : "available",
                        model.archive().flatMap(ModelDescription.Archive::sha256).isPresent(),
                        pulls.newest(model.name()).orElse(null),
                        speeds.newest(model.name()).orElse(null)))
            .toList(),
        providers.first().info().model(),
        providers.configuredModel());
  }

  private static boolean isInstalled(ModelDescription model, ModelStore store) {
    return model.bundled() || store.find(model.name()).isPresent();
  }

  private static Mono<ServerResponse> pull(
      ServerRequest request,
      ModelCatalogue catalogue,
      ModelPulls pulls,
      BlockingCalls blockingCalls) {
    ModelDescription model = named(request, catalogue);
    if (model.archive().isEmpty()) {
      throw RefusedRequestException.conflict("The model comes with the program");
    }
    return request
        .bodyToMono(Asked.class)
        .defaultIfEmpty(new Asked(null, null))
        .flatMap(
            asked ->
                blockingCalls.call(
                    () -> {
                      pulls.begin(model, trust(asked));
                      return true;
                    }))
        .flatMap(_ -> ServerResponse.accepted().build());
  }

  private static ModelDescription named(ServerRequest request, ModelCatalogue catalogue) {
    return catalogue
        .find(request.pathVariable("name"))
        .orElseThrow(() -> RefusedRequestException.notFound("No such model in the catalogue"));
  }

  private static Mono<ServerResponse> speed(
      ServerRequest request,
      ModelCatalogue catalogue,
      ModelStore store,
      ModelSpeeds speeds,
      BlockingCalls blockingCalls) {
    ModelDescription model = named(request, catalogue);
    return blockingCalls.answer(
        () -> {
          if (!isInstalled(model, store)) {
            throw RefusedRequestException.conflict("The model is not installed: pull it first");
          }
          return speeds.measure(model.name());
        });
  }

  /** Of sessions that begin from now on. */
  private static Mono<ServerResponse> makeDefault(
      ServerRequest request, ChosenDefault chosen, BlockingCalls blockingCalls) {
    String name = request.pathVariable("name");
    return blockingCalls.answer(
        () -> {
          try {
            chosen.choose(name);
          } catch (IllegalArgumentException notServed) {
            throw new RefusedRequestException(
                HttpStatus.CONFLICT,
                "This node does not serve the model (linescribe.model.others)");
          } catch (RecogniserException unusable) {
            LOG.warn("Model {} does not become the default", name, unusable);
            throw new RefusedRequestException(HttpStatus.CONFLICT, "The model cannot be loaded");
          } catch (IOException notKept) {
            LOG.warn("Model {} is the default until the next start only", name, notKept);
            throw new RefusedRequestException(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "The model is the default until the next start only: the data folder takes no"
                    + " file");
          }
          LOG.info("Sessions that name no model get {} from now on", name);
          return new DefaultBody(name);
        });
  }

  private static ModelPuller.Trust trust(Asked asked) {
    if (asked.sha256() != null) {
      try {
        return new ModelPuller.Trust.Sha256(asked.sha256());
      } catch (IllegalArgumentException broken) {
        throw RefusedRequestException.badRequest("sha256: expected 64 hexadecimal digits");
      }
    }
    return Boolean.TRUE.equals(asked.trustOnFirstUse())
        ? new ModelPuller.Trust.FirstUse()
        : new ModelPuller.Trust.Known();
  }

  private static Mono<ServerResponse> progress(
      ServerRequest request, ModelPulls pulls, ShutdownSignal shutdown, JsonMapper json) {
    Flux<ModelPulls.Progress> progress =
        pulls
            .progress(request.pathVariable("name"))
            .orElseThrow(() -> RefusedRequestException.notFound("The model was not pulled"));
    // Of a slow reader's progress only the newest is worth sending.
    return EventStreams.response(
        progress.onBackpressureLatest().map(json::writeValueAsString).map(EventStreams::data),
        shutdown);
  }
}
