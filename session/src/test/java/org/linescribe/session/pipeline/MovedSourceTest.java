package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;

/** A session whose sources are now of the one node, now of the other. */
class MovedSourceTest {
  private static final SessionId ID = new SessionId("moved");

  @TempDir private Path folder;

  private static boolean continuesHere(FleetNode node) throws Exception {
    SessionSource source =
        node.sessions.open(SourceRequest.of(ID, "test"), new CapturingListener());
    boolean here = source.continuesHere();
    Speaker.end(source);
    return here;
  }

  @Test
  void aSourceKnowsWhetherTheOneBeforeWasOfItsNode() throws Exception {
    String database = SharedMariaDb.newDatabase();
    try (OwnRedis redis = new OwnRedis();
        FleetNode one = new FleetNode(folder.resolve("one"), database, redis.port());
        FleetNode other = new FleetNode(folder.resolve("other"), database, redis.port())) {
      await().until(() -> one.sessions.readiness().liveReachable());
      await().until(() -> other.sessions.readiness().liveReachable());

      assertThat(continuesHere(one)).as("the first").isFalse();
      assertThat(continuesHere(one)).isTrue();
      assertThat(continuesHere(other)).isFalse();
      assertThat(continuesHere(one)).as("back again").isFalse();
      assertThat(continuesHere(one)).isTrue();
    }
  }
}
