package org.linescribe.api.webhooks;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpeningListener;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.recordings.CallRecordings;
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
final class Webhooks implements SessionOpeningListener, QualityAlert.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);

  /**
   * Sessions of an earlier run that have no end after so long were killed with it. A source that
   * connects again by itself does so within seconds.
   */
  private static final Duration GRACE = Duration.ofSeconds(60);

  private final WebhookSettings settings;
  private final Sessions sessions;
  private final ReplayedLetters letters;
  private final ConnectionProvider connections;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<WebhookChannel> channels = new ArrayList<>();
  private final Map<String, WebhookSender> configured = new HashMap<>();
  private final SessionEndpoints chosen;
  private final WebhookChannel choosing;
  private final SessionNotices notices;

  Webhooks(
      WebhookSettings settings,
      Path folder,
      Sessions sessions,
      JsonMapper json,
      Clock clock,
      MeterRegistry registry) {
    this.settings = settings;
    this.sessions = sessions;
    this.letters = new ReplayedLetters(sessions, json, clock);
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
    HttpClient guarded = client;
    WebhookSender.Time time = time(clock);
    WebhookChannel.Shared shared =
        new WebhookChannel.Shared(settings, sessions, json, clock, this::pause, registry);
    for (WebhookSettings.Endpoint endpoint : settings.endpoints()) {
      WebhookSender sender =
          new WebhookSender(
              endpoint.name(), () -> Optional.of(endpoint), settings, guarded, time, registry);
      configured.put(endpoint.name(), sender);
      channels.add(
          new WebhookChannel(
              endpoint.name(), folder.resolve(endpoint.name()), _ -> sender, shared));
    }
    Path ofSessions = folder.resolve(WebhookSettings.Endpoint.OF_SESSION);
    chosen =
        new SessionEndpoints(
            ofSessions.resolve("endpoints"),
            settings.maxPending(),
            settings.giveUpAfter(),
            json,
            clock);
    choosing =
        new WebhookChannel(
            WebhookSettings.Endpoint.OF_SESSION,
            ofSessions,
            id ->
                new WebhookSender(
                    WebhookSettings.Endpoint.OF_SESSION,
                    () -> chosen.of(id).map(SessionEndpoints.Chosen::endpoint),
                    settings,
                    guarded,
                    time,
                    registry),
            shared);
    channels.add(choosing);
    notices = new SessionNotices(json, this::tell);
  }

  private WebhookSender.Time time(Clock clock) {
    return new WebhookSender.Time() {
      @Override
      public Instant now() {
        return clock.instant();
      }

      @Override
      public boolean stopsWithin(Duration pause, Semaphore wakeUps) throws InterruptedException {
        // Left in place: the sender takes it.
        if (!isClosing() && wakeUps.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          wakeUps.release();
        }
        return isClosing();
      }
    };
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private boolean pause() throws InterruptedException {
    return !closing.await(settings.lastRetry().toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Chooses a session's receiver, beside those of the settings, and in place of the one before. The
   * session may be open, ended, or not yet there. Blocks.
   *
   * @return false when too many sessions have one, or too many wait to be told of
   * @throws IOException when it cannot be kept
   */
  boolean choose(SessionId sessionId, SessionEndpoints.Chosen receiver) throws IOException {
    if (!choosing.permits(sessionId)) {
      return false;
    }
    SessionEndpoints.Put put = chosen.put(sessionId, receiver, this::isInUse);
    if (!put.kept()) {
      return false;
    }
    if (!sessions.isKnown(sessionId)) {
      return true;
    }
    // It may have come since its client was asked.
    SessionEndpoints.Chosen settled = settle(sessionId, receiver);
    if (chosen.of(sessionId).isEmpty() || choosing.choose(sessionId)) {
      return true;
    }
    // Another session took the last permit meanwhile. What others chose since then stays.
    if (put.before().isPresent()) {
      chosen.replaceIf(sessionId, settled, put.before().get());
    } else {
      chosen.removeIf(sessionId, settled);
    }
    return false;
  }

  private boolean isInUse(SessionId sessionId) {
    return choosing.isPending(sessionId) || sessions.isLive(sessionId);
  }

  /**
   * A session that a receiver was chosen for is here: one of another owner keeps none of it, and
   * has its permit back. While the owner is looked up another receiver may be chosen, or none: that
   * stays.
   *
   * @return the receiver as it is to be from now on
   */
  private SessionEndpoints.Chosen settle(SessionId sessionId, SessionEndpoints.Chosen receiver) {
    if (!receiver.cameEarly()) {
      return receiver;
    }
    try {
      Optional<String> owner = sessions.find(sessionId).flatMap(SessionRecord::owner);
      if (receiver.isFor(owner)) {
        SessionEndpoints.Chosen settled = receiver.ofAKnownSession();
        chosen.replaceIf(sessionId, receiver, settled);
        return settled;
      }
      chosen.removeIf(sessionId, receiver);
    } catch (IOException | RuntimeException unknown) {
      // It tells of nobody else's session: the receiver's owner is looked at before each message.
      LOG.warn("The early webhook of session {} stays: {}", sessionId, unknown.toString());
    }
    return receiver;
  }

  Optional<SessionEndpoints.Chosen> chosen(SessionId sessionId) {
    return chosen.of(sessionId);
  }

  /** Tells a session's own receiver no more. Blocks. */
  boolean withdraw(SessionId sessionId) {
    boolean known = chosen.remove(sessionId);
    choosing.erase(sessionId);
    return known;
  }

  /**
   * Forgets all that is kept of a session; it was erased. Blocks.
   *
   * @return whether there was something
   */
  boolean erase(SessionId sessionId) {
    boolean known = false;
    for (WebhookChannel channel : channels) {
      known |= channel.erase(sessionId);
    }
    return chosen.remove(sessionId) || known;
  }

  private List<WebhookChannel> channelsOf(SessionId sessionId) {
    return channels.stream()
        .filter(channel -> channel != choosing || chosen.of(sessionId).isPresent())
        .toList();
  }

  @Override
  public void onAlert(QualityAlert alert) {
    notices.onAlert(alert);
  }

  /** A recording is complete. Blocks. */
  void onReady(CallRecordings.Ready recording) throws IOException {
    notices.onReady(recording);
  }

  /** A call ended, and its record is about to be kept. Blocks. */
  void onCall(CallRecord call) throws IOException {
    notices.onCall(call);
  }

  /** A receiver whose folder fails keeps no other from the event. */
  private void tell(EventSpool.Spooled event) throws IOException {
    IOException notKept = null;
    for (WebhookChannel channel : channelsOf(event.sessionId())) {
      try {
        channel.event(event);
      } catch (IOException | RuntimeException e) {
        IOException ofChannel =
            new IOException("an event of the webhook " + channel.name() + " is not kept", e);
        if (notKept == null) {
          notKept = ofChannel;
        } else {
          notKept.addSuppressed(ofChannel);
        }
      }
    }
    if (notKept != null) {
      throw notKept;
    }
  }

  /** Takes up what an earlier run left, and is told of what opens from now on. */
  void start() {
    chosen.removeUnused(choosing::isDue);
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
    chosen.of(sessionId).ifPresent(receiver -> settle(sessionId, receiver));
    for (WebhookChannel channel : channelsOf(sessionId)) {
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
        .filter(channel -> channel != choosing || isUsed(choosing))
        .map(
            channel ->
                new EndpointState(
                    channel.name(),
                    Optional.ofNullable(configured.get(channel.name()))
                        .flatMap(WebhookSender::endpoint)
                        .map(endpoint -> endpoint.events().stream().sorted().toList())
                        .orElse(List.of()),
                    channel.sessions(),
                    channel.deadLetters().list().size(),
                    Optional.ofNullable(configured.get(channel.name()))
                        .flatMap(WebhookSender::lastFailure)
                        .orElse(null)))
        .toList();
  }

  private boolean isUsed(WebhookChannel channel) {
    return chosen.size() > 0 || channel.sessions() > 0 || !channel.deadLetters().list().isEmpty();
  }

  /** Oldest first, of every receiver. Blocks. */
  List<DeadLetters.Letter> deadLetters() {
    return channels.stream().flatMap(channel -> channel.deadLetters().list().stream()).toList();
  }

  /**
   * Sends a dead letter once more, and forgets it where it is taken. Blocks.
   *
   * @return empty where there is no such letter
   */
  Optional<WebhookSender.Outcome> replay(String id) throws InterruptedException {
    for (WebhookChannel channel : channels) {
      Optional<DeadLetters.Letter> letter = channel.deadLetters().find(id);
      if (letter.isPresent()) {
        Optional<WebhookMessage> message = letters.message(letter.get());
        WebhookSender.Outcome outcome =
            message.isPresent()
                ? channel.sender(message.get().sessionId()).attempt(message.get())
                : new WebhookSender.Outcome(0, 0, "the session was deleted");
        if (outcome.taken() || message.isEmpty()) {
          channel.deadLetters().remove(id);
        }
        return Optional.of(outcome);
      }
    }
    return Optional.empty();
  }

  /** Stops sending; what is due is taken up by the next run. */
  @Override
  public void close() {
    notices.close();
    closing.countDown();
    channels.forEach(WebhookChannel::close);
    connections.dispose();
  }
}
