package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.erasure.FleetErasure;
import org.linescribe.session.erasure.Node;
import org.linescribe.session.erasure.SessionErasure;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.testsupport.servers.SharedMariaDb;

/** A pipeline on a real MariaDB and Redis, with its part in erasures. */
final class FleetNode implements AutoCloseable {
  final SessionPipeline sessions;
  final FleetErasure erasure;
  private final CodedRecogniser recogniser = new CodedRecogniser("coded");

  /**
   * @param data made when it is missing
   * @param database on the {@link SharedMariaDb}
   */
  FleetNode(Path data, String database, int redisPort) throws Exception {
    Node self = Node.of(Files.createDirectories(data));
    SessionStores stores =
        SessionStores.open(
            data,
            Optional.of(
                new SqlStoreSettings(
                    SharedMariaDb.url(SharedMariaDb.port(), database),
                    "root",
                    "",
                    4,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30))),
            Optional.of("redis://127.0.0.1:" + redisPort),
            Duration.ofMinutes(10),
            new SimpleMeterRegistry());
    sessions =
        SessionPipeline.builder()
            .recogniser("coded", recogniser)
            .settings(new PatientSettings().settings())
            .stores(stores)
            .build();
    erasure =
        new FleetErasure(
            new SessionErasure(
                sessions::erase, List.of(), data.resolve("erasures.log"), Clock.systemUTC()),
            sessions::eraseRest,
            stores.store().erasures(),
            self,
            true,
            Duration.ofDays(90),
            stores.redis().orElseThrow(),
            Clock.systemUTC());
    sessions.beforeReopening(erasure::completeBeforeReopening);
    erasure.start();
  }

  @Override
  public void close() {
    erasure.close();
    sessions.close();
    recogniser.close();
  }
}
