package org.linescribe.api.files;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.insights.Insights;
import org.linescribe.insights.configuration.InsightsConfiguration;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.session.Sessions;
import org.linescribe.session.erasure.SessionErasure;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.storage.StorageSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/**
 * Opens {@code /audio/process}, {@code /audio/process-stream}, {@code
 * /audio/process-stream-realtime} and {@code /audio/task}. The assembly may bring a {@link
 * RedisNode}; without it tasks are this node's alone.
 */
@ApiPackage
@Import(InsightsConfiguration.class)
@EnableConfigurationProperties(FilesSettings.class)
class FilesApi {
  @Bean
  TaskEvents taskEvents(
      FilesSettings settings,
      ObjectProvider<RedisNode> redis,
      ObjectProvider<SessionErasure> erasure) {
    InProcessTaskEvents own =
        new InProcessTaskEvents(settings.keepResults(), settings.maxResults());
    RedisNode node = redis.getIfAvailable();
    TaskEvents events = node == null ? own : new RedisTaskEvents(own, node, settings.keepResults());
    erasure.ifAvailable(eraser -> eraser.onErasure(new TaskErasure(events)));
    return events;
  }

  @Bean
  Uploads uploads(
      FilesSettings settings,
      ObjectProvider<StorageSettings> storage,
      Environment environment,
      Sessions sessions,
      FfmpegFileDecoder decoder,
      BlockingCalls blockingCalls)
      throws IOException {
    Path data = Path.of(environment.getProperty("linescribe.data", "data"));
    return new Uploads(
        settings,
        storage.getIfAvailable(StorageSettings::defaults),
        data,
        sessions,
        decoder,
        blockingCalls);
  }

  @Bean
  FfmpegFileDecoder fileDecoder(Ffmpeg ffmpeg) {
    return new FfmpegFileDecoder(ffmpeg);
  }

  @Bean
  FairQueue<FileTasks.Submitted> filesQueue(FilesSettings settings) {
    return new FairQueue<>(settings.maxQueue(), settings.maxQueuePerClient());
  }

  @Bean
  FilesMeters filesMeters(MeterRegistry registry, FairQueue<FileTasks.Submitted> filesQueue) {
    return new FilesMeters(registry, filesQueue::taken);
  }

  @Bean
  FileTasks fileTasks(
      Sessions sessions,
      FfmpegFileDecoder decoder,
      Insights insights,
      TaskEvents events,
      FilesSettings settings,
      FairQueue<FileTasks.Submitted> filesQueue,
      FilesMeters meters,
      JsonMapper json) {
    return new FileTasks(
        sessions, decoder, insights, events, settings, filesQueue, meters, json, Clock.systemUTC());
  }

  @Bean
  RouterFunction<ServerResponse> fileRoutes(
      Uploads uploads,
      FileTasks tasks,
      FairQueue<FileTasks.Submitted> filesQueue,
      TaskEvents events,
      FilesSettings settings,
      FilesMeters meters,
      BlockingCalls blockingCalls,
      ShutdownSignal shutdown) {
    FileRoutes routes =
        new FileRoutes(
            uploads, tasks, filesQueue, events, settings, meters, blockingCalls, shutdown);
    return RouterFunctions.route()
        .POST("/audio/process", routes::process)
        .POST("/audio/process-stream", routes::processStream)
        .POST("/audio/process-stream-realtime", routes::processStreamRealtime)
        .GET("/audio/task/{task_id}", routes::task)
        .GET("/audio/task/{task_id}/events", routes::taskEvents)
        .build();
  }
}
