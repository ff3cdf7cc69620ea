package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.SessionId;
import tools.jackson.databind.json.JsonMapper;

/** A session's receiver that two clients choose, or one chooses while the session begins. */
class SessionEndpointsTest {
  private static final SessionId ID = new SessionId("one");

  @TempDir private Path folder;
  private final FakeSessions sessions = new FakeSessions();
  private final JsonMapper json = JsonMapper.builder().build();

  private static SessionEndpoints.Chosen receiver(String host, boolean early) {
    return new SessionEndpoints.Chosen(
        ID.value(),
        "https://" + host + ".example/",
        WebhookReceiver.SECRET,
        Set.of(),
        Set.of(),
        Instant.EPOCH,
        early);
  }

  private SessionEndpoints endpoints() {
    return new SessionEndpoints(folder, 10, Duration.ofHours(24), json, Clock.systemUTC());
  }

  private Webhooks webhooks() {
    return new Webhooks(
        new WebhookSettings(
            List.of(),
            false,
            Duration.ofSeconds(10),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofHours(24),
            16,
            10,
            10),
        folder,
        sessions,
        json,
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }

  @Test
  void replacesAndRemovesOnlyTheReceiverThatIsExpected() throws Exception {
    SessionEndpoints endpoints = endpoints();
    SessionEndpoints.Chosen first = receiver("first", true);
    SessionEndpoints.Chosen second = receiver("second", false);
    assertThat(endpoints.replaceIf(ID, first, second)).isFalse();
    assertThat(endpoints.of(ID)).isEmpty();

    assertThat(endpoints.put(ID, first, _ -> false).before()).isEmpty();
    assertThat(endpoints.put(ID, second, _ -> false).before()).contains(first);
    assertThat(endpoints.replaceIf(ID, first, first.ofAKnownSession())).isFalse();
    assertThat(endpoints.removeIf(ID, first)).isFalse();
    assertThat(endpoints.of(ID)).contains(second);
    assertThat(endpoints().of(ID)).as("on the disk").contains(second);

    assertThat(endpoints.replaceIf(ID, second, first)).isTrue();
    assertThat(endpoints().of(ID)).as("on the disk").contains(first);
    assertThat(endpoints.removeIf(ID, first)).isTrue();
    assertThat(endpoints.of(ID)).isEmpty();
    assertThat(endpoints().of(ID)).as("on the disk").isEmpty();
  }

  @Test
  void aReceiverThatIsWithdrawnWhileItsSessionBeginsStaysAway() throws Exception {
    try (Webhooks webhooks = webhooks()) {
      assertThat(webhooks.choose(ID, receiver("first", true))).isTrue();
      sessions.whileFinding(() -> webhooks.withdraw(ID));
      webhooks.onOpened(ID, 1);
      assertThat(webhooks.chosen(ID)).isEmpty();
    }
  }

  @Test
  void aReceiverThatIsChosenWhileTheSessionBeginsStays() throws Exception {
    SessionEndpoints.Chosen second = receiver("second", false);
    try (Webhooks webhooks = webhooks()) {
      assertThat(webhooks.choose(ID, receiver("first", true))).isTrue();
      sessions.whileFinding(
          () -> {
            try {
              assertThat(webhooks.choose(ID, second)).isTrue();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      webhooks.onOpened(ID, 1);
      assertThat(webhooks.chosen(ID)).contains(second);
    }
  }

  @Test
  void anEarlyReceiverIsTheSessionsOnceItIsThere() throws Exception {
    SessionEndpoints.Chosen first = receiver("first", true);
    try (Webhooks webhooks = webhooks()) {
      assertThat(webhooks.choose(ID, first)).isTrue();
      webhooks.onOpened(ID, 1);
      assertThat(webhooks.chosen(ID)).contains(first.ofAKnownSession());
    }
  }
}
