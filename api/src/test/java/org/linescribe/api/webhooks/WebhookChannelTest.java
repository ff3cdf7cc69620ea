package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallRecord;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.json.JsonMapper;

/** How many sessions one receiver may hold back: max-pending, whatever comes of them. */
class WebhookChannelTest {
  private static final SessionId ONE = new SessionId("one");
  private static final SessionId TWO = new SessionId("two");

  @TempDir private Path folder;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final CountDownLatch closing = new CountDownLatch(1);
  private WebhookReceiver receiver;
  private WebhookChannel channel;

  @BeforeEach
  void start() throws Exception {
    receiver = new WebhookReceiver(_ -> 503);
    channel = channel(Set.of());
    channel.resume();
  }

  @AfterEach
  void stop() {
    closing.countDown();
    // Their threads may be late; what is erased writes no more.
    channel.erase(ONE);
    channel.erase(TWO);
    channel.close();
    receiver.close();
  }

  private WebhookChannel channel(Set<String> events) {
    Duration pause = Duration.ofSeconds(1);
    WebhookSettings settings =
        new WebhookSettings(
            List.of(), true, Duration.ofSeconds(10), pause, pause, Duration.ofHours(24), 16, 1, 10);
    WebhookSettings.Endpoint endpoint =
        new WebhookSettings.Endpoint(
            "crm", receiver.url(), WebhookReceiver.SECRET, events, Set.of());
    WebhookSender sender =
        new WebhookSender(
            "crm",
            () -> Optional.of(endpoint),
            settings,
            HttpClient.newConnection(),
            new WebhookSender.Time() {
              @Override
              public Instant now() {
                return Instant.now();
              }

              @Override
              public boolean stopsWithin(Duration wait, Semaphore wakeUps)
                  throws InterruptedException {
                return closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
              }
            },
            meters);
    return new WebhookChannel(
        "crm",
        folder,
        _ -> {
          if (broken.get()) {
            throw new IllegalStateException("as the test asked");
          }
          return sender;
        },
        new WebhookChannel.Shared(
            settings,
            new FakeSessions(),
            JsonMapper.shared(),
            Clock.systemUTC(),
            () -> !closing.await(1, TimeUnit.SECONDS),
            meters));
  }

  private static EventSpool.Spooled callEnded(SessionId id) {
    return new EventSpool.Spooled(
        WebhookEvent.CALL_ENDED, id, 1, Instant.EPOCH, JsonMapper.shared().createObjectNode());
  }

  private double refused() {
    return meters.get("linescribe.webhooks.refused").counter().count();
  }

  private long spooled() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("events"))) {
      return files.count();
    }
  }

  @Test
  void theEventOfASessionThatWasRefusedIsRefusedWithItAndCountsOnce() throws Exception {
    assertThat(channel.choose(ONE)).isTrue();
    channel.opened(TWO, 1);
    assertThat(refused()).isEqualTo(1);

    channel.event(callEnded(TWO));
    channel.event(callEnded(TWO));

    assertThat(channel.isPending(TWO)).isFalse();
    assertThat(channel.sessions()).isEqualTo(1);
    assertThat(spooled()).isZero();
    assertThat(refused()).isEqualTo(1);
  }

  @Test
  void aDeliveryThatCannotBeginGivesItsPermitBack() throws Exception {
    broken.set(true);
    assertThatThrownBy(() -> channel.opened(ONE, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> channel.choose(ONE)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> channel.event(callEnded(ONE)))
        .isInstanceOf(IllegalStateException.class);
    broken.set(false);

    assertThat(channel.permits(TWO)).isTrue();
    channel.opened(TWO, 1);
    assertThat(channel.isPending(TWO)).isTrue();
    channel.erase(TWO);
    await().until(() -> channel.permits(ONE));
  }

  @Test
  void anEventThatTheReceiverDoesNotWantIsNotSpooled() throws Exception {
    WebhookChannel finalsOnly = channel(Set.of("segment.final"));
    finalsOnly.resume();
    finalsOnly.event(callEnded(ONE));
    assertThat(spooled()).isZero();
    assertThat(finalsOnly.isPending(ONE)).isFalse();
    assertThat(refused()).isZero();
    finalsOnly.close();
  }

  @Test
  void aReceiverWhoseFolderFailsKeepsNoOtherFromTheEvent() throws Exception {
    List<WebhookSettings.Endpoint> endpoints =
        Stream.of("first", "second")
            .map(
                name ->
                    new WebhookSettings.Endpoint(
                        name, receiver.url(), WebhookReceiver.SECRET, Set.of(), Set.of()))
            .toList();
    Duration pause = Duration.ofSeconds(1);
    WebhookSettings settings =
        new WebhookSettings(endpoints, true, pause, pause, pause, Duration.ofHours(24), 16, 10, 10);
    try (Webhooks webhooks =
        new Webhooks(
            settings, folder, new FakeSessions(), JsonMapper.shared(), Clock.systemUTC(), meters)) {
      Files.delete(folder.resolve("first/events"));

      assertThatThrownBy(() -> webhooks.onCall(call()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("first");

      try (Stream<Path> events = Files.list(folder.resolve("second/events"))) {
        assertThat(events).hasSize(1);
      }
    }
  }

  private static CallRecord call() {
    return new CallRecord(
        ONE,
        "call-1",
        "sip",
        Optional.empty(),
        "sip:a@x",
        "sip:b@y",
        "udp",
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        Instant.EPOCH.plusSeconds(30),
        "bye",
        List.of());
  }
}
