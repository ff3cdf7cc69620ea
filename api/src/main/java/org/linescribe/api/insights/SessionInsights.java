package org.linescribe.api.insights;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.linescribe.api.analysis.AnalysisSteps;
import org.linescribe.session.InsightsRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The sessions whose insights are due: those whose calls ended, and those that were read before
 * their insights were there, or were all there. A session that the full queue refused, that a
 * killed process left, or of which a step failed, is thereby derived when it is read; one that
 * failed not within the next minute, so that readers who ask again and again cost little.
 *
 * <p>Thread: any. A worker is a virtual thread: it waits for the store and the insights.
 */
final class SessionInsights implements AutoCloseable {
  /** Number of the newest segment that a result was derived from. */
  static final String LAST_SEQ = "last_seq";

  private static final Logger LOG = LoggerFactory.getLogger(SessionInsights.class);
  private static final int MAX_WAITING = 1000;
  private static final int WORKERS = 2;
  private static final Duration AT_CLOSE = Duration.ofSeconds(10);
  private static final Duration TRY_AGAIN_AFTER = Duration.ofMinutes(1);

  private final Sessions sessions;
  private final SessionAnalysis analysis;
  private final JsonMapper json;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final BlockingQueue<SessionId> queue = new LinkedBlockingQueue<>(MAX_WAITING);

  /** When a session may be taken again; never while it waits or is worked on. */
  private final Map<SessionId, Instant> notBefore = new ConcurrentHashMap<>();

  private final List<Thread> workers = new ArrayList<>();

  SessionInsights(
      Sessions sessions,
      SessionAnalysis analysis,
      JsonMapper json,
      MeterRegistry meters,
      InstantSource clock) {
    this.sessions = sessions;
    this.analysis = analysis;
    this.json = json;
    this.meters = meters;
    this.clock = clock;
    meters.gaugeCollectionSize("linescribe.insights.waiting", List.of(), queue);
    for (String outcome : List.of("derived", "failed", "refused")) {
      count(outcome, 0);
    }
    for (int i = 0; i < WORKERS; i++) {
      workers.add(Thread.ofVirtual().name("linescribe-insights-" + i).start(this::work));
    }
  }

  private void count(String outcome, int sessionsMore) {
    meters.counter("linescribe.insights.sessions", "outcome", outcome).increment(sessionsMore);
  }

  /**
   * Derives a session's insights soon, where it asks for some. Does not block.
   *
   * @return false when too many wait
   */
  boolean submit(SessionId sessionId) {
    Instant earliest = notBefore.putIfAbsent(sessionId, Instant.MAX);
    boolean taken =
        earliest == null
            || !earliest.isAfter(clock.instant())
                && notBefore.replace(sessionId, earliest, Instant.MAX);
    if (!taken || queue.offer(sessionId)) {
      return true;
    }
    notBefore.remove(sessionId);
    count("refused", 1);
    return false;
  }

  private void work() {
    try {
      while (true) {
        SessionId sessionId = queue.take();
        boolean whole = false;
        try {
          whole = derive(sessionId);
        } catch (RuntimeException | Error failed) {
          LOG.warn("Session {}: its insights are not derived", sessionId, failed);
        } finally {
          release(sessionId, whole);
        }
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private void release(SessionId sessionId, boolean whole) {
    Instant now = clock.instant();
    notBefore.values().removeIf(earliest -> !earliest.isAfter(now));
    if (whole || notBefore.size() > MAX_WAITING + WORKERS) {
      notBefore.remove(sessionId);
    } else {
      notBefore.put(sessionId, now.plus(TRY_AGAIN_AFTER));
    }
  }

  /**
   * @return false when a step failed
   */
  private boolean derive(SessionId sessionId) throws InterruptedException {
    Optional<SessionRecord> session = sessions.find(sessionId).filter(SessionInsights::isDue);
    if (session.isEmpty()) {
      return true;
    }
    boolean whole = false;
    try {
      JsonNode result = analysis.derive(session.get());
      if (!sessions.keepInsights(sessionId, json.writeValueAsString(result))) {
        throw new IllegalStateException("the database has no such session");
      }
      whole = !AnalysisSteps.hasFailed(result);
    } finally {
      count(whole ? "derived" : "failed", 1);
    }
    return whole;
  }

  static boolean isDue(SessionRecord session) {
    return session.endedAt().isPresent() && !InsightsRequest.of(session.attributes()).isEmpty();
  }

  /** What was derived from the whole transcript. Blocks. */
  Optional<JsonNode> of(SessionRecord session) {
    return sessions
        .insights(session.sessionId())
        .map(json::readTree)
        .filter(kept -> kept.path(LAST_SEQ).asLong(-1) == session.lastSeq());
  }

  @Override
  public void close() {
    workers.forEach(Thread::interrupt);
    try {
      for (Thread worker : workers) {
        worker.join(AT_CLOSE);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
