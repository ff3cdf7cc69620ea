package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.store.SqlStoreSettings;

/**
 * A process of its own that writes three finals through the pipeline, says so, and waits to be
 * killed. Arguments: data directory, database URL.
 */
final class KilledGateway {
  static final String SESSION = "session ";
  static final String KEPT = "kept";

  private KilledGateway() {}

  public static void main(String[] arguments) throws Exception {
    CodedRecogniser recogniser = new CodedRecogniser("coded");
    SessionPipeline pipeline =
        SessionPipeline.builder()
            .recogniser("coded", recogniser)
            .settings(new PatientSettings().settings())
            .stores(
                SessionStores.open(
                    Path.of(arguments[0]),
                    Optional.of(
                        new SqlStoreSettings(
                            arguments[1],
                            "root",
                            "",
                            4,
                            Duration.ofSeconds(3),
                            Duration.ofSeconds(3))),
                    Optional.empty(),
                    Duration.ofSeconds(60),
                    new SimpleMeterRegistry()))
            .build();
    SessionId id = pipeline.newSessionId();
    System.out.println(SESSION + id);
    SessionSource source = pipeline.open(SourceRequest.of(id, "test"), new CapturingListener());
    for (int word = 1; word <= 3; word++) {
      short[] pcm = CodedSpeech.words(word);
      if (source.write(0, pcm, 0, pcm.length) < pcm.length) {
        throw new IllegalStateException("audio was refused");
      }
      source.flush().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
    System.out.println(KEPT);
    // The end of a parent that cannot kill any more ends this process too.
    while (System.in.read() >= 0) {
      // nothing is said to it
    }
    Runtime.getRuntime().halt(1);
  }
}
