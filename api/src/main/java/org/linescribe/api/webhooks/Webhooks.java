package org.linescribe.api.webhooks;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.LogGate;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpeningListener;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.QualitySample;
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

  /** Alerts that wait for the disk. */
  private static final int MAX_ALERTS = 10_000;

  /** How long the end of the application waits for them. */
  private static final Duration ALERTS_AT_CLOSE = Duration.ofSeconds(5);

  private final WebhookSettings settings;
  private final Sessions sessions;
  private final JsonMapper json;
  private final Clock clock;
  private final ConnectionProvider connections;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<WebhookChannel> channels = new ArrayList<>();
  private final Map<String, WebhookSender> configured = new HashMap<>();
  private final SessionEndpoints chosen;
  private final WebhookChannel choosing;

  /** One thread, so that a call's alerts are kept in their order. */
  private final ExecutorService alerts =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_ALERTS),
          Thread.ofVirtual().name("linescribe-webhooks-alerts").factory());

  private final LogGate alertLog = new LogGate(Duration.ofMinutes(1));

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
    HttpClient guarded = client;
    WebhookChannel.Shared shared =
        new WebhookChannel.Shared(settings, sessions, json, clock, this::pause, registry);
    for (WebhookSettings.Endpoint endpoint : settings.endpoints()) {
      WebhookSender sender =
          new WebhookSender(
              endpoint.name(), () -> Optional.of(endpoint), settings, guarded, closing, registry);
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
                    closing,
                    registry),
            shared);
    channels.add(choosing);
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
    if (!choosing.hasPlaceFor(sessionId)) {
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
    // Another session took the last place meanwhile. What others chose since then stays.
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
   * has its place back. While the owner is looked up another receiver may be chosen, or none: that
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

  /** Forgets all that is kept of a session; it was erased. Blocks. */
  void erase(SessionId sessionId) {
    channels.forEach(channel -> channel.erase(sessionId));
    chosen.remove(sessionId);
  }

  private List<WebhookChannel> channelsOf(SessionId sessionId) {
    return channels.stream()
        .filter(channel -> channel != choosing || chosen.of(sessionId).isPresent())
        .toList();
  }

  /** What {@code quality.alert} tells. */
  private record AlertData(
      String sessionId,
      String leg,
      String state,
      long atMs,
      double mos,
      double lossPercent,
      double jitterMs,
      ThresholdsData thresholds) {}

  private record ThresholdsData(double mos, double lossPercent) {}

  @Override
  public void onAlert(QualityAlert alert) {
    try {
      alerts.execute(() -> keep(alert));
    } catch (RejectedExecutionException tooMany) {
      alertLog.log(
          heldBack ->
              LOG.warn(
                  "An alert of session {} is told to nobody: too many wait to be kept ({} more not"
                      + " logged)",
                  alert.sessionId(),
                  heldBack));
    }
  }

  private void keep(QualityAlert alert) {
    QualitySample sample = alert.sample();
    EventSpool.Spooled event =
        new EventSpool.Spooled(
            WebhookEvent.QUALITY_ALERT,
            alert.sessionId(),
            sample.atMs(),
            alert.at(),
            json.valueToTree(
                new AlertData(
                    alert.sessionId().value(),
                    alert.leg(),
                    alert.direction().name().toLowerCase(Locale.ROOT),
                    sample.atMs(),
                    sample.mos(),
                    sample.lossPercent(),
                    sample.jitterMs(),
                    new ThresholdsData(
                        alert.thresholds().leastMos(), alert.thresholds().mostLossPercent()))));
    try {
      tell(event);
    } catch (IOException | RuntimeException e) {
      LOG.error("An alert of session {} is told to nobody: {}", alert.sessionId(), e.toString());
    }
  }

  /** What {@code recording.ready} tells. */
  private record RecordingData(
      String sessionId,
      String recordingId,
      Instant startedAt,
      long durationMs,
      int channels,
      int sampleRate,
      long bytes,
      String path) {}

  /** A recording is complete. Blocks. */
  void onReady(CallRecordings.Ready recording) throws IOException {
    CallRecordings.Kept kept = recording.kept();
    tell(
        new EventSpool.Spooled(
            WebhookEvent.RECORDING_READY,
            kept.sessionId(),
            kept.startedAt().toEpochMilli(),
            kept.modified(),
            json.valueToTree(
                new RecordingData(
                    kept.sessionId().value(),
                    kept.id(),
                    kept.startedAt(),
                    recording.frames() * 1000 / recording.shape().sampleRateHz(),
                    recording.shape().channels(),
                    recording.shape().sampleRateHz(),
                    kept.bytes(),
                    "/recordings/" + URLEncoder.encode(kept.id(), StandardCharsets.UTF_8)))));
  }

  private void tell(EventSpool.Spooled event) throws IOException {
    for (WebhookChannel channel : channelsOf(event.sessionId())) {
      channel.event(event);
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
        Optional<WebhookMessage> message = message(letter.get());
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

  private Optional<WebhookMessage> message(DeadLetters.Letter letter) {
    SessionId id = new SessionId(letter.sessionId());
    Optional<WebhookEvent> event = WebhookEvent.of(letter.type());
    if (letter.data() != null && event.isPresent()) {
      return sessions
          .find(id)
          .map(
              _ ->
                  WebhookMessage.again(
                      letter,
                      new EventSpool.Spooled(
                          event.get(), id, letter.seq(), letter.at(), letter.data()),
                      json));
    }
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

  /** Alerts of the calls that ended just now are told by the next run. */
  private void keepAlerts() {
    alerts.shutdown();
    try {
      if (!alerts.awaitTermination(ALERTS_AT_CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} alerts are told to nobody: the disk is too slow", alerts.shutdownNow().size());
      }
    } catch (InterruptedException stopped) {
      alerts.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Stops sending; what is due is taken up by the next run. */
  @Override
  public void close() {
    keepAlerts();
    closing.countDown();
    channels.forEach(WebhookChannel::close);
    connections.dispose();
  }
}
