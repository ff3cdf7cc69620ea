package org.linescribe.api.webhooks;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.LogGate;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One receiver with what is under way to it; or those that sessions chose, as one.
 *
 * <p>Thread: any.
 */
final class WebhookChannel {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookChannel.class);

  /**
   * What all receivers share.
   *
   * @param pause waits before a store that failed is asked again; false when the application stops
   */
  record Shared(
      WebhookSettings settings,
      Sessions sessions,
      JsonMapper json,
      Clock clock,
      DeliveryTarget.Pause pause,
      MeterRegistry registry) {}

  private final Shared shared;
  private final String name;
  private final Function<SessionId, WebhookSender> senders;
  private final DeliveryCursors cursors;
  private final FirstAttempts firstAttempts;
  private final EventSpool spool;
  private final DeadLetters deadLetters;
  private final Map<SessionId, SessionDelivery> pending = new ConcurrentHashMap<>();

  /** Permits in use, one for each pending session. The map's own size lags behind. */
  private final AtomicInteger permitsInUse = new AtomicInteger();

  /** Sessions that were counted as refused, the newest ones: each counts once. */
  private final Map<SessionId, Boolean> refusedSessions =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<SessionId, Boolean> eldest) {
              return size() > shared.settings().maxPending();
            }
          });

  private final Counter refused;
  private final LogGate refusedLog = new LogGate(Duration.ofMinutes(1));

  /** Whether what an earlier run left is under way. */
  private volatile boolean resumed;

  WebhookChannel(
      String name, Path folder, Function<SessionId, WebhookSender> senders, Shared shared) {
    this.shared = shared;
    this.name = name;
    this.senders = senders;
    cursors = new DeliveryCursors(folder.resolve("pending"));
    firstAttempts = new FirstAttempts(folder.resolve("failing"));
    spool = new EventSpool(folder.resolve("events"), shared.json());
    deadLetters =
        new DeadLetters(folder.resolve("dead"), shared.settings().maxDeadLetters(), shared.json());
    refused =
        Counter.builder("linescribe.webhooks.refused")
            .description("Sessions that are not told, as too many wait")
            .tag("endpoint", name)
            .register(shared.registry());
    Gauge.builder("linescribe.webhooks.pending", pending, Map::size)
        .description("Sessions whose events are not all delivered")
        .tag("endpoint", name)
        .register(shared.registry());
  }

  void opened(SessionId sessionId, long nextSeq) {
    pending.compute(
        sessionId,
        (id, known) -> {
          if (known != null) {
            keep(id, new DeliveryCursors.Cursor(nextSeq, false));
            known.reopen(nextSeq);
            return known;
          }
          return tryAcquire() ? holdingPermit(() -> create(id, nextSeq)) : refuse(id);
        });
  }

  /**
   * Tells of a session from its first final on, unless that is under way: then the message that
   * waits is sent at once, as the session may have another receiver.
   *
   * @return false where too many wait already: it is not told
   */
  boolean choose(SessionId sessionId) {
    return pending.compute(
            sessionId,
            (id, known) -> {
              if (known != null) {
                known.wakeUp();
                return known;
              }
              return tryAcquire() ? holdingPermit(() -> create(id, 1)) : refuse(id);
            })
        != null;
  }

  private boolean tryAcquire() {
    int most = shared.settings().maxPending();
    return permitsInUse.getAndUpdate(inUse -> inUse < most ? inUse + 1 : inUse) < most;
  }

  /** Gives the permit back where the delivery cannot begin. */
  private SessionDelivery holdingPermit(Supplier<SessionDelivery> beginning) {
    boolean begun = false;
    try {
      SessionDelivery delivery = beginning.get();
      begun = true;
      return delivery;
    } finally {
      if (!begun) {
        permitsInUse.decrementAndGet();
      }
    }
  }

  /** Whether a delivery of the session could begin now, or has begun. */
  boolean permits(SessionId sessionId) {
    return permitsInUse.get() < shared.settings().maxPending() || pending.containsKey(sessionId);
  }

  private SessionDelivery create(SessionId id, long nextSeq) {
    DeliveryCursors.Cursor cursor = new DeliveryCursors.Cursor(nextSeq, false);
    keep(id, cursor);
    return begin(id, cursor);
  }

  /** Where the file lies already, a delivery is under way from an earlier number. */
  private void keep(SessionId id, DeliveryCursors.Cursor cursor) {
    try {
      cursors.createIfAbsent(id, cursor);
    } catch (IOException e) {
      LOG.warn("A restart will not know that webhooks of session {} are due: {}", id, e.toString());
    }
  }

  private SessionDelivery begin(SessionId id, DeliveryCursors.Cursor cursor) {
    SessionDelivery delivery = delivery(id, cursor);
    delivery.begin();
    return delivery;
  }

  private SessionDelivery delivery(SessionId id, DeliveryCursors.Cursor cursor) {
    return new SessionDelivery(
        id,
        cursor,
        new DeliveryTarget(
            senders.apply(id),
            cursors,
            firstAttempts,
            spool,
            deadLetters,
            this::finish,
            shared.pause()),
        shared.sessions(),
        shared.json(),
        shared.clock());
  }

  /**
   * Keeps an event that the store does not have, durably, and delivers it. Refuses it where its
   * session is not pending and no permit is left: the bound holds for events too. Drops one that
   * the receiver does not want.
   */
  void event(EventSpool.Spooled event) throws IOException {
    if (!isWanted(event)) {
      return;
    }
    if (resumed) {
      try {
        pending.compute(event.sessionId(), (_, known) -> spooled(event, known));
      } catch (UncheckedIOException notKept) {
        throw notKept.getCause();
      }
    } else if (isSpoolFull()) {
      refuse(event.sessionId());
    } else {
      // The session's own position may not be read yet: its finals come first.
      spool.add(event);
      if (resumed) {
        resumeEvents(event.sessionId());
      }
    }
  }

  private boolean isWanted(EventSpool.Spooled event) {
    return senders
        .apply(event.sessionId())
        .endpoint()
        .filter(endpoint -> endpoint.wants(event.event()))
        .isPresent();
  }

  private boolean isSpoolFull() {
    return spool.size() >= shared.settings().maxPending();
  }

  private @Nullable SessionDelivery spooled(
      EventSpool.Spooled event, @Nullable SessionDelivery known) {
    SessionId id = event.sessionId();
    if (isSpoolFull() || (known == null && !tryAcquire())) {
      refuse(id);
      return known;
    }
    if (known != null) {
      addToSpool(event);
      known.deliverEvents();
      return known;
    }
    return holdingPermit(
        () -> {
          addToSpool(event);
          return beginEvents(id);
        });
  }

  private void addToSpool(EventSpool.Spooled event) {
    try {
      spool.add(event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SessionDelivery beginEvents(SessionId id) {
    SessionDelivery delivery = delivery(id, new DeliveryCursors.Cursor(1, true));
    delivery.beginEvents();
    return delivery;
  }

  /** What an earlier run accepted is delivered without a free permit. */
  private void resumeEvents(SessionId sessionId) {
    pending.compute(
        sessionId,
        (id, known) -> {
          if (known != null) {
            known.deliverEvents();
            return known;
          }
          permitsInUse.incrementAndGet();
          return holdingPermit(() -> beginEvents(id));
        });
  }

  private @Nullable SessionDelivery refuse(SessionId id) {
    if (refusedSessions.putIfAbsent(id, true) != null) {
      return null;
    }
    refused.increment();
    refusedLog.log(
        heldBack ->
            LOG.warn(
                "The webhook {} is not told of session {}: {} wait already"
                    + " (linescribe.webhooks.max-pending; {} more not logged)",
                name,
                id,
                shared.settings().maxPending(),
                heldBack));
    return null;
  }

  /** Forgets a session of which nothing is due. */
  private SessionDelivery.Next finish(SessionDelivery delivery) {
    AtomicReference<SessionDelivery.Next> next =
        new AtomicReference<>(SessionDelivery.Next.FORGOTTEN);
    pending.computeIfPresent(
        delivery.sessionId(),
        (id, known) -> {
          if (known != delivery) {
            return known;
          }
          if (known.takeReopening()) {
            next.set(SessionDelivery.Next.REOPENED);
            return known;
          }
          if (spool.has(id)) {
            next.set(SessionDelivery.Next.EVENTS);
            return known;
          }
          cursors.delete(id);
          firstAttempts.clear(id);
          permitsInUse.decrementAndGet();
          return null;
        });
    return next.get();
  }

  /** Takes up what an earlier run left; returns the sessions that may lack an end. */
  List<SessionDelivery> resume() {
    List<SessionDelivery> begun = new ArrayList<>();
    firstAttempts.clearUnless(this::isDue);
    cursors
        .all()
        .forEach(
            (id, cursor) -> {
              SessionDelivery delivery =
                  pending.computeIfAbsent(
                      id,
                      _ -> {
                        permitsInUse.incrementAndGet();
                        return holdingPermit(() -> begin(id, cursor));
                      });
              begun.add(delivery);
            });
    resumed = true;
    spool.sessions().forEach(this::resumeEvents);
    return begun;
  }

  /**
   * Forgets all that is kept of a session.
   *
   * @return whether there was something
   */
  boolean erase(SessionId sessionId) {
    boolean known = isPending(sessionId) || isDue(sessionId);
    pending.computeIfPresent(
        sessionId,
        (id, delivery) -> {
          delivery.stop();
          permitsInUse.decrementAndGet();
          return null;
        });
    cursors.delete(sessionId);
    firstAttempts.clear(sessionId);
    spool.erase(sessionId);
    return deadLetters.erase(sessionId) || known;
  }

  String name() {
    return name;
  }

  /** How many sessions have events that are not all delivered. */
  int sessions() {
    return pending.size();
  }

  boolean isPending(SessionId sessionId) {
    return pending.containsKey(sessionId);
  }

  /** Whether the disk holds something of a session that is due. */
  boolean isDue(SessionId sessionId) {
    return cursors.exists(sessionId) || spool.has(sessionId);
  }

  WebhookSender sender(SessionId sessionId) {
    return senders.apply(sessionId);
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  /** Delivers nothing more, and writes nothing more; what is due is taken up at the next start. */
  void close() {
    pending.values().forEach(SessionDelivery::stop);
  }
}
