package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOwner;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.settings.SettingsDefaults;

/** A full disk and a full quota refuse new sessions in words that name the setting. */
class StorageBoundsTest {
  @TempDir private Path data;

  private SessionPipeline pipeline(Map<String, Object> storage) {
    return SessionPipeline.builder()
        .recogniser("first", new CodedRecogniser("first"))
        .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
        .storage(SettingsDefaults.of(StorageSettings.class, storage))
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "maxDatabase, 1,             linescribe.storage.max-database: 1",
    "minFree,     1000000000000, linescribe.storage.min-free: 1000000000000",
  })
  void refusesASessionAndNamesTheBound(String setting, long bytes, String named) {
    try (SessionPipeline node = pipeline(Map.of(setting, bytes))) {
      assertThatThrownBy(
              () ->
                  node.open(SourceRequest.of(new SessionId("a"), "test"), new CapturingListener()))
          .isInstanceOfSatisfying(
              SessionRefusedException.class,
              refused ->
                  assertThat(refused.reason())
                      .isEqualTo(SessionRefusedException.Reason.STORE_UNAVAILABLE))
          .hasMessageContaining(named);
    }
  }

  private SessionPipeline at(Instant now, Map<String, Object> storage) {
    return SessionPipeline.builder()
        .recogniser("first", new CodedRecogniser("first"))
        .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
        .storage(SettingsDefaults.of(StorageSettings.class, storage))
        .clock(Clock.fixed(now, ZoneOffset.UTC))
        .build();
  }

  private static void hold(SessionPipeline node, String id, String owner) throws Exception {
    SourceRequest plain = SourceRequest.of(new SessionId(id), "sip");
    node.open(
            new SourceRequest(
                plain.sessionId(),
                plain.kind(),
                Optional.of(owner),
                plain.legs(),
                plain.recognition(),
                plain.attributes()),
            new CapturingListener())
        .end("bye")
        .toCompletableFuture()
        .get(5, TimeUnit.MINUTES);
  }

  /** What nobody asked for is not kept for ever; what somebody did is, unless a setting says so. */
  @Test
  void deletesStrangersSessionsByDefaultAndOthersWhenASettingSaysSo() throws Exception {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    SessionId stranger = new SessionId("stranger");
    SessionId trunk = new SessionId("trunk");
    try (SessionPipeline node = at(start, Map.of())) {
      hold(node, "stranger", SessionOwner.ofStranger("192.0.2.1"));
      hold(node, "trunk", "carrier");
    }

    try (SessionPipeline node = at(start.plus(Duration.ofDays(29)), Map.of())) {
      assertThat(node.find(stranger)).isPresent();
    }
    try (SessionPipeline node = at(start.plus(Duration.ofDays(31)), Map.of())) {
      await().until(() -> node.find(stranger).isEmpty());
      assertThat(node.find(trunk)).isPresent();
    }
    Map<String, Object> month = Map.of("keepSessions", Duration.ofDays(30));
    try (SessionPipeline node = at(start.plus(Duration.ofDays(31)), month)) {
      await().until(() -> node.find(trunk).isEmpty());
    }
  }

  @Test
  void takesASessionWithinItsBounds() throws Exception {
    try (SessionPipeline node = pipeline(Map.of("maxDatabase", 1_000_000_000L))) {
      node.open(SourceRequest.of(new SessionId("a"), "test"), new CapturingListener()).end("done");
    }
  }
}
