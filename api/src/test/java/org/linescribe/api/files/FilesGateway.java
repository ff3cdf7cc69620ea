package org.linescribe.api.files;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.linescribe.api.ApiServer;
import org.linescribe.api.Unhurried;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.chunked.ChunkedRecogniser;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.session.Sessions;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;

/** All APIs on the real pipeline, as the assembly makes them, with recognition in parts. */
final class FilesGateway implements AutoCloseable {
  private final Path uploads;
  private final Recogniser recogniser;
  private final ChunkedRecogniser parts;
  private final SessionPipeline pipeline;
  private final ApiServer server;
  private final AtomicReference<CountDownLatch> gate = new AtomicReference<>(new CountDownLatch(0));

  FilesGateway(Path folder, Map<String, Object> settings) {
    uploads = folder.resolve("uploads");
    recogniser = SherpaRecognisers.bundled(Unhurried.recogniser(), new SimpleMeterRegistry());
    parts = ChunkedRecogniser.of(recogniser);
    pipeline =
        SessionPipeline.builder()
            .settings(Unhurried.sessions())
            .recogniser("sherpa", recogniser)
            .recogniser("sherpa-parts", parts)
            .stores(SessionStores.embedded(folder.resolve("data"), Duration.ofSeconds(60)))
            .build();
    Map<String, Object> all = new TreeMap<>(settings);
    all.put("linescribe.files.directory", uploads.toString());
    server = ApiServer.start(gated(), all);
  }

  private Sessions gated() {
    return (Sessions)
        Proxy.newProxyInstance(
            Sessions.class.getClassLoader(),
            new Class<?>[] {Sessions.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("open")) {
                gate.get().await();
              }
              try {
                return method.invoke(pipeline, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** From now on no file is heard until the latch is at zero. */
  CountDownLatch holdTheNext() {
    CountDownLatch held = new CountDownLatch(1);
    gate.set(held);
    return held;
  }

  ApiServer server() {
    return server;
  }

  SessionPipeline pipeline() {
    return pipeline;
  }

  /** Files that uploads have left. */
  List<Path> uploads() {
    return left(uploads);
  }

  static List<Path> left(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
    pipeline.close();
    parts.close();
    recogniser.close();
  }
}
