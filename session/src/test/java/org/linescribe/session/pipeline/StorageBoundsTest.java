package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.session.SessionId;
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

  @Test
  void takesASessionWithinItsBounds() throws Exception {
    try (SessionPipeline node = pipeline(Map.of("maxDatabase", 1_000_000_000L))) {
      node.open(SourceRequest.of(new SessionId("a"), "test"), new CapturingListener()).end("done");
    }
  }
}
