package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.h2.tools.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.gateway.Unhurried;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** A spoken call while the database server is not there. */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
class DatabaseOutageCallTest {
  @TempDir private Path work;
  @TempDir private Path data;
  @TempDir private Path databaseFiles;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void callWithoutAnIdIsTakenAndItsWordsComeIntoTheDatabaseWhenItIsBack() throws Exception {
    SipKit kit = new SipKit(work);
    kit.record("pin", ProjectFiles.recorded("pin-slt.wav"), 0);
    HeldPort port = new HeldPort();
    SqlStoreSettings database =
        new SqlStoreSettings(
            "jdbc:h2:tcp://127.0.0.1:"
                + port.number()
                + "/outage;MODE=MySQL;DATABASE_TO_LOWER=TRUE",
            "sa",
            "",
            4,
            Duration.ofMillis(500),
            Duration.ofSeconds(1));
    try (port;
        Recogniser recogniser = SherpaRecognisers.bundled(Unhurried.recogniser(), registry);
        Sessions sessions =
            SessionPipeline.builder()
                .settings(Unhurried.sessions())
                .recogniser(recogniser.info().provider(), recogniser)
                .stores(
                    SessionStores.open(
                        data,
                        Optional.of(database),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        registry))
                .meters(registry)
                .build()) {
      SipGateway gateway =
          new SipGateway(
              SipSettings.on("127.0.0.1:0"),
              PatientRtp.settings(),
              CallSettings.defaults(),
              sessions,
              registry,
              Clock.systemUTC());
      gateway.start();
      try {
        SipKit.Run run = kit.call("uac_g711u", gateway.udpAddress(), Map.of(), "pin", "pin");

        assertThat(run.status()).as(run.output()).isZero();
        await().until(() -> registry.get("linescribe.call.active").gauge().value() == 0);
        await().until(() -> !sessions.readiness().storeReachable());
        await().until(() -> sessions.readiness().outboxSegments() > 0);
      } finally {
        gateway.stop();
      }

      Server server =
          Server.createTcpServer(
                  "-tcpPort",
                  Integer.toString(port.number()),
                  "-ifNotExists",
                  "-baseDir",
                  databaseFiles.toString())
              .start();
      try (SegmentStore direct = SqlSegmentStore.connect(database)) {
        await()
            .until(
                () ->
                    direct.list(SessionQuery.all(Optional.empty(), 1)).stream()
                        .anyMatch(this::hasEnded));
        SessionRecord call = direct.list(SessionQuery.all(Optional.empty(), 1)).getFirst();
        assertThat(call.kind()).isEqualTo("sip");
        assertThat(call.endReason()).contains("bye");
        assertThat(
                direct.segments(call.sessionId(), 1, 100).stream()
                    .map(Segment::text)
                    .collect(Collectors.joining(" ")))
            .isEqualTo(SpokenCallTest.WORDS);
        // What was committed is taken out of the outbox a moment later.
        await().until(() -> sessions.readiness().outboxSegments() == 0);
      } finally {
        server.stop();
      }
    }
  }

  /** The end is the last of a session's changes to come out of the outbox. */
  private boolean hasEnded(SessionRecord call) {
    return call.endedAt().isPresent();
  }
}
