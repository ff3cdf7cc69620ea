package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.media.format.DecodeException;
import org.linescribe.session.encryption.KeyUnavailableException;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.recordings.RecordingStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The sessions of this node that take audio, from their creation, or their recovery at start, to
 * their end.
 *
 * <p>Thread: any; what says "blocks" belongs on a virtual thread.
 */
final class AudioSessions implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSessions.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);
  private static final long RECOVERY_PATIENCE_S = 60;

  /** A transcript's last final may take half of it. */
  private static final long CLOSE_PATIENCE_S = 60;

  private final AudioSessionSettings settings;
  private final RecordingFolder folder;
  private final AudioSessionStates states;
  private final AudioSessionFactory factory;
  private final BlockingCalls blocking;
  private final AudioSessionMeters meters;
  private final Clock clock;
  private final Semaphore permits;
  private final Map<String, AudioSession> live = new ConcurrentHashMap<>();
  private final CountDownLatch recovered = new CountDownLatch(1);
  private @Nullable ScheduledExecutorService sweeper;
  private volatile boolean running;

  AudioSessions(
      AudioSessionSettings settings,
      RecordingFolder folder,
      AudioSessionStates states,
      AudioSessionFactory factory,
      BlockingCalls blocking,
      AudioSessionMeters meters,
      Clock clock) {
    this.settings = settings;
    this.folder = folder;
    this.states = states;
    this.factory = factory;
    this.blocking = blocking;
    this.meters = meters;
    this.clock = clock;
    this.permits = new Semaphore(settings.maxSessions());
    meters.live(live);
  }

  AudioSessionSettings settings() {
    return settings;
  }

  AudioSessionMeters meters() {
    return meters;
  }

  Clock clock() {
    return clock;
  }

  RecordingStream stream(AudioSession session) {
    return factory.stream(session);
  }

  /** Creates a session and admits its first connection. Blocks. */
  AudioSession create(SessionRequest request, AudioConnection first)
      throws RefusedConnectionException {
    awaitRecovery();
    if (!permits.tryAcquire()) {
      meters.refused("max-sessions");
      throw new RefusedConnectionException(
          Map.of("error", "Too many sessions", "max_sessions", settings.maxSessions()),
          WebSocketClose.tryAgain("too many audio sessions", RETRY_AFTER));
    }
    AudioSession created = null;
    try {
      created = factory.create(request);
      created.join(first, settings.maxConnectionsPerSession());
      live.put(created.id(), created);
      return created;
    } finally {
      if (created == null) {
        permits.release();
      }
    }
  }

  /** Admits a further connection to a session. Blocks. */
  AudioSession join(String id, Viewer viewer, AudioConnection connection)
      throws RefusedConnectionException {
    awaitRecovery();
    Optional<String> known = canonical(id);
    AudioSession session =
        known.map(live::get).filter(open -> viewer.sees(open.identity().owner())).orElse(null);
    if (session == null) {
      boolean ended = find(id, viewer).isPresent();
      throw new RefusedConnectionException(
          Map.of("error", ended ? "Session is closed" : "Session not found", "session_id", id),
          WebSocketClose.badRequest(ended ? "session is closed" : "session not found"));
    }
    if (!session.takesAudio()) {
      throw new RefusedConnectionException(
          Map.of("error", "Session is closed", "session_id", id),
          WebSocketClose.badRequest("session is closed"));
    }
    if (!session.join(connection, settings.maxConnectionsPerSession())) {
      meters.refused("max-connections-per-session");
      throw new RefusedConnectionException(
          Map.of(
              "error",
              "Too many connections",
              "session_id",
              id,
              "max_connections",
              settings.maxConnectionsPerSession()),
          WebSocketClose.tryAgain("too many connections to this session", RETRY_AFTER));
    }
    return session;
  }

  /** The canonical spelling of a UUID; empty when it is none. */
  private static Optional<String> canonical(String id) {
    try {
      return id.length() == 36 ? Optional.of(UUID.fromString(id).toString()) : Optional.empty();
    } catch (IllegalArgumentException notAUuid) {
      return Optional.empty();
    }
  }

  /** A session, live or as it was kept. Blocks. */
  Optional<AudioSessionInfo> find(String id, Viewer viewer) {
    return find(id).filter(info -> viewer.sees(Optional.ofNullable(info.owner())));
  }

  private Optional<AudioSessionInfo> find(String id) {
    return canonical(id)
        .flatMap(
            known ->
                Optional.ofNullable(live.get(known))
                    .map(AudioSession::info)
                    .or(() -> states.find(known)));
  }

  /** Oldest first. Blocks when kept ones are wanted too. */
  List<AudioSessionInfo> list(Optional<SessionStatus> status, Viewer viewer) {
    List<AudioSessionInfo> all =
        status.equals(Optional.of(SessionStatus.ACTIVE))
            ? live.values().stream().map(AudioSession::info).toList()
            : states.all().stream().map(kept -> find(kept.sessionId()).orElse(kept)).toList();
    return all.stream()
        .filter(info -> viewer.sees(Optional.ofNullable(info.owner())))
        .filter(info -> status.isEmpty() || info.status() == status.get())
        .sorted(Comparator.comparing(AudioSessionInfo::createdAt))
        .toList();
  }

  /** Closes by id; the last state of one that is closed already. Blocks. */
  Optional<AudioSessionInfo> close(String id, Viewer viewer, String reason) {
    Optional<AudioSession> session =
        canonical(id).map(live::get).filter(open -> viewer.sees(open.identity().owner()));
    return session.isPresent() ? Optional.of(close(session.get(), reason)) : find(id, viewer);
  }

  /** Closes a session once; every caller returns when that is done. Blocks. */
  AudioSessionInfo close(AudioSession session, String reason) {
    if (session.beginClose()) {
      try {
        session.close(reason);
        save(session.info());
        meters.closed(session.status() == SessionStatus.ERROR ? "error" : reason);
      } finally {
        if (live.remove(session.id(), session)) {
          permits.release();
        }
        session.closed().complete(session.info());
      }
      session.connections().forEach(connection -> connection.sessionClosed(session));
    }
    return session.closed().join();
  }

  private void save(AudioSessionInfo info) {
    try {
      states.save(info);
    } catch (IOException e) {
      LOG.warn(
          "Audio session {}: its state is not saved: {}",
          AudioSessionStates.logged(info.sessionId()),
          e.toString());
    }
  }

  private void awaitRecovery() throws RefusedConnectionException {
    try {
      if (recovered.await(RECOVERY_PATIENCE_S, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RefusedConnectionException(
        Map.of("error", "Sessions are being recovered"),
        WebSocketClose.tryAgain("sessions are being recovered", RETRY_AFTER));
  }

  private void recover() {
    try {
      for (AudioSessionInfo kept : states.all()) {
        recover(kept);
      }
      folder.deleteOrphans();
    } finally {
      recovered.countDown();
    }
  }

  private void recover(AudioSessionInfo kept) {
    boolean active = kept.status() == SessionStatus.ACTIVE;
    if (!active && !folder.isIncomplete(kept.sessionId())) {
      return;
    }
    try {
      AudioSession session = factory.recover(kept);
      meters.recovered();
      LOG.info(
          "Audio session {} was recovered: {} s",
          AudioSessionStates.logged(session.id()),
          session.info().durationSeconds());
      if (active && permits.tryAcquire()) {
        live.put(session.id(), session);
        save(session.info());
      } else {
        session.suspend();
        save(kept.completedBy(session.info()));
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "Audio session {} cannot be recovered: {}",
          AudioSessionStates.logged(kept.sessionId()),
          e.toString());
      meters.failed("recovery");
      if (active && isFinal(e)) {
        save(kept.failed("the file cannot be completed after a restart", clock.instant()));
      }
    }
  }

  /** Whether the next start would not do better: by a decoder that runs, or a key that is given. */
  private boolean isFinal(Exception failure) {
    return running
        && !(failure instanceof KeyUnavailableException)
        && (!(failure instanceof DecodeException e)
            || e.reason() == DecodeException.Reason.SINK_FAILED);
  }

  void sweep() {
    try {
      Instant now = clock.instant();
      for (AudioSession session : live.values()) {
        if (session.status() == SessionStatus.ERROR) {
          // A decoder's thread found the disk full; its client may be silent.
          blocking.execute(() -> close(session, "error"));
        } else if (session.isExpired(now, settings.maxDuration())) {
          blocking.execute(() -> close(session, "expired"));
        } else if (session.isDeserted(now, settings.connectionTimeout())) {
          blocking.execute(() -> close(session, "idle"));
        } else {
          session.connections().stream()
              .filter(connection -> connection.isIdle(now, settings.connectionTimeout()))
              .forEach(connection -> connection.closeIdle(settings.connectionTimeout()));
          if (session.takeUnsaved()) {
            blocking.execute(() -> save(session.info()));
          }
        }
      }
    } catch (RuntimeException bug) {
      LOG.error("Sweeping the audio sessions failed", bug);
    }
  }

  @Override
  public void start() {
    running = true;
    blocking.execute(this::recover);
    long periodMs =
        Math.clamp(
            Math.min(settings.connectionTimeout().toMillis(), settings.maxDuration().toMillis())
                / 4,
            100,
            1000);
    sweeper =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("audio-sessions-sweep").factory());
    sweeper.scheduleAtFixedRate(this::sweep, periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Runs after the sockets were closed: received audio is written, and the sessions wait for a
   * restart.
   */
  @Override
  public void stop() {
    running = false;
    if (sweeper != null) {
      sweeper.shutdownNow();
    }
    for (AudioSession session : live.values()) {
      if (session.beginClose()) {
        session.suspend();
        save(session.info());
        session.closed().complete(session.info());
      } else {
        awaitClosed(session);
      }
    }
    live.clear();
  }

  /**
   * Waits for the thread that is closing the session, which the end of the gateway would interrupt.
   */
  private static void awaitClosed(AudioSession session) {
    try {
      session.closed().get(CLOSE_PATIENCE_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException late) {
      LOG.warn("Audio session {} is not closed in time", AudioSessionStates.logged(session.id()));
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Stopped after the WebSocket endpoints, before the web server. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 600;
  }
}
