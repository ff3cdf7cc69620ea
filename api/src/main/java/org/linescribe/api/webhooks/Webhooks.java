package org.linescribe.api.webhooks;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.LogGate;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpeningListener;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import tools.jackson.databind.json.JsonMapper;

/**
 * The receivers and their deliveries. A session that opens here gets one for each receiver; what an
 * earlier run did not deliver is taken up at the start.
 *
 * <p>Thread: any.
 */
final class Webhooks implements SessionOpeningListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);

  /**
   * Sessions of an earlier run that have no end after so long were killed with it. A source that
   * connects again by itself does so within seconds.
   */
  private static final Duration GRACE = Duration.ofSeconds(60);

  private final WebhookSettings settings;
  private final Sessions sessions;
  private final JsonMapper json;
  private final Clock clock;
  private final ConnectionProvider connections;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Channel> channels = new ArrayList<>();

  /** One receiver with what is under way to it. */
  private final class Channel {
    private final WebhookSender sender;
    private final DeliveryCursors cursors;
    private final DeadLetters deadLetters;
    private final Map<SessionId, SessionDelivery> pending = new ConcurrentHashMap<>();
    private final Counter refused;
    private final LogGate refusedLog = new LogGate(Duration.ofMinutes(1));

    Channel(
        WebhookSettings.Endpoint endpoint, Path folder, HttpClient client, MeterRegistry registry) {
      sender = new WebhookSender(endpoint, settings, client, closing, registry);
      cursors = new DeliveryCursors(folder.resolve("pending"));
      deadLetters = new DeadLetters(folder.resolve("dead"), settings.maxDeadLetters(), json);
      refused =
          Counter.builder("linescribe.webhooks.refused")
              .description("Sessions that are not told, as too many wait")
              .tag("endpoint", endpoint.name())
              .register(registry);
      Gauge.builder("linescribe.webhooks.pending", pending, Map::size)
          .description("Sessions whose events are not all delivered")
          .tag("endpoint", endpoint.name())
          .register(registry);
    }

    void opened(SessionId sessionId, long nextSeq) {
      pending.compute(
          sessionId,
          (id, known) -> {
            if (known != null) {
              known.reopen();
              return known;
            }
            return pending.size() >= settings.maxPending() ? refuse(id) : create(id, nextSeq);
          });
    }

    private @Nullable SessionDelivery create(SessionId id, long nextSeq) {
      DeliveryCursors.Cursor cursor = new DeliveryCursors.Cursor(nextSeq, false);
      try {
        cursors.create(id, cursor);
      } catch (IOException e) {
        LOG.warn(
            "A restart will not know that webhooks of session {} are due: {}", id, e.toString());
      }
      return begin(id, cursor);
    }

    private SessionDelivery begin(SessionId id, DeliveryCursors.Cursor cursor) {
      SessionDelivery delivery =
          new SessionDelivery(
              id,
              cursor,
              new SessionDelivery.Receiver(sender, cursors, deadLetters, this::finish),
              sessions,
              json,
              clock);
      delivery.begin();
      return delivery;
    }

    private @Nullable SessionDelivery refuse(SessionId id) {
      refused.increment();
      refusedLog.log(
          heldBack ->
              LOG.warn(
                  "The webhook {} is not told of session {}: {} wait already"
                      + " (linescribe.webhooks.max-pending; {} more not logged)",
                  sender.endpoint().name(),
                  id,
                  settings.maxPending(),
                  heldBack));
      return null;
    }

    /** Forgets a session whose end is delivered; false where another source has it by now. */
    private boolean finish(SessionDelivery delivery) {
      return pending.computeIfPresent(
              delivery.sessionId(),
              (id, known) -> {
                if (known.takeReopening()) {
                  return known;
                }
                cursors.delete(id);
                return null;
              })
          == null;
    }

    List<SessionDelivery> resume() {
      List<SessionDelivery> resumed = new ArrayList<>();
      cursors
          .all()
          .forEach(
              (id, cursor) -> {
                SessionDelivery delivery = pending.computeIfAbsent(id, _ -> begin(id, cursor));
                resumed.add(delivery);
              });
      return resumed;
    }
  }

  Webhooks(
      WebhookSettings settings,
      Path folder,
      Sessions sessions,
      JsonMapper json,
      Clock clock,
      MeterRegistry registry) {
    this.settings = settings;
    this.sessions = sessions;
    this.json = json;
    this.clock = clock;
    this.connections =
        ConnectionProvider.builder("linescribe-webhooks")
            .maxConnections(settings.maxInFlight() + 1)
            .pendingAcquireMaxCount(-1)
            .maxIdleTime(Duration.ofSeconds(20))
            .build();
    HttpClient client =
        HttpClient.create(connections)
            .followRedirect(false)
            .responseTimeout(settings.timeout())
            .headers(headers -> headers.set("User-Agent", "LineScribe"));
    if (!settings.allowPrivate()) {
      client = client.resolver(new PublicAddresses());
    }
    for (WebhookSettings.Endpoint endpoint : settings.endpoints()) {
      channels.add(new Channel(endpoint, folder.resolve(endpoint.name()), client, registry));
    }
  }

  /** Takes up what an earlier run left, and is told of what opens from now on. */
  void start() {
    if (channels.isEmpty()) {
      return;
    }
    sessions.onOpening(this);
    List<SessionDelivery> resumed = new ArrayList<>();
    channels.forEach(channel -> resumed.addAll(channel.resume()));
    if (!resumed.isEmpty()) {
      LOG.info("Webhooks of {} sessions of an earlier run go on", resumed.size());
      Thread.ofVirtual().name("linescribe-webhooks-resume").start(() -> completeLater(resumed));
    }
  }

  private void completeLater(List<SessionDelivery> resumed) {
    try {
      if (closing.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      for (SessionDelivery delivery : resumed) {
        Thread.ofVirtual()
            .name("linescribe-webhook-" + delivery.sessionId())
            .start(() -> complete(delivery));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static void complete(SessionDelivery delivery) {
    try {
      delivery.completeFromStore();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failed) {
      delivery.onFailure(failed);
    }
  }

  @Override
  public void onOpened(SessionId sessionId, long nextSeq) {
    for (Channel channel : channels) {
      try {
        channel.opened(sessionId, nextSeq);
      } catch (RuntimeException bug) {
        LOG.error("Webhooks of session {} are not told", sessionId, bug);
      }
    }
  }

  /**
   * A receiver's state.
   *
   * @param pendingSessions whose events are not all delivered
   * @param lastFailure of its last request; absent where it was taken
   */
  record EndpointState(
      String name,
      List<String> events,
      int pendingSessions,
      int deadLetters,
      @Nullable String lastFailure) {}

  /** Blocks. */
  List<EndpointState> states() {
    return channels.stream()
        .map(
            channel ->
                new EndpointState(
                    channel.sender.endpoint().name(),
                    channel.sender.endpoint().events().stream().sorted().toList(),
                    channel.pending.size(),
                    channel.deadLetters.list().size(),
                    channel.sender.lastFailure().orElse(null)))
        .toList();
  }

  /** Oldest first, of every receiver. Blocks. */
  List<DeadLetters.Letter> deadLetters() {
    return channels.stream().flatMap(channel -> channel.deadLetters.list().stream()).toList();
  }

  /**
   * Sends a dead letter once more, and forgets it where it is taken. Blocks.
   *
   * @return empty where there is no such letter
   */
  Optional<WebhookSender.Outcome> replay(String id) throws InterruptedException {
    for (Channel channel : channels) {
      Optional<DeadLetters.Letter> letter = channel.deadLetters.find(id);
      if (letter.isPresent()) {
        Optional<WebhookMessage> message = message(letter.get());
        WebhookSender.Outcome outcome =
            message.isPresent()
                ? channel.sender.attempt(message.get())
                : new WebhookSender.Outcome(0, 0, "the session was deleted");
        if (outcome.taken() || message.isEmpty()) {
          channel.deadLetters.remove(id);
        }
        return Optional.of(outcome);
      }
    }
    return Optional.empty();
  }

  private Optional<WebhookMessage> message(DeadLetters.Letter letter) {
    SessionId id = new SessionId(letter.sessionId());
    if (letter.type().equals(WebhookEvent.SEGMENT_FINAL.wireName())) {
      List<Segment> found = sessions.segments(id, letter.seq(), 1);
      return found.stream()
          .filter(segment -> segment.seq() == letter.seq())
          .findFirst()
          .map(segment -> WebhookMessage.segment(segment, json));
    }
    Optional<SessionRecord> session = sessions.find(id);
    return letter.type().equals(WebhookEvent.SESSION_STARTED.wireName())
        ? session.map(record -> WebhookMessage.started(record, letter.seq(), json))
        : session.map(
            record ->
                WebhookMessage.ended(
                    record,
                    letter.seq(),
                    record.endReason().orElse("ended"),
                    clock.instant(),
                    json));
  }

  /** Stops sending; what is due is taken up by the next run. */
  @Override
  public void close() {
    closing.countDown();
    channels.forEach(channel -> channel.pending.values().forEach(SessionDelivery::close));
    connections.dispose();
  }
}
