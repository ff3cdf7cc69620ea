package org.linescribe.gateway.mediaports;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.OperatedCall;
import org.linescribe.gateway.leg.OperatedSource;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports of a session, one for each of its legs, and the source that their audio is. It ends
 * once: by {@link #end}, when nothing comes, or with the session.
 *
 * <p>Thread: one event loop for all, {@link SourceListener} calls come from the session; the
 * package's other callers by the stages that are returned.
 */
final class MediaPortSource implements SourceListener, OperatedSource {
  static final String KIND = "rtp";

  private static final Logger LOG = LoggerFactory.getLogger(MediaPortSource.class);

  /** Longest that a source waits for the one before it, which is only opening. */
  private static final int PREDECESSOR_S = 10;

  private enum State {
    /** No audio has come. */
    WAITING,
    OPENING,
    OPEN,
    /** The session ended by itself, or never began. */
    GONE
  }

  private final MediaPortRequest request;
  private final Sessions sessions;
  private final RtpEngine engine;
  private final EventLoop loop;
  private final ExecutorService blocking;
  private final MediaPortMeters meters;
  private final String host;
  private final PortLegs legs;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile CompletableFuture<Void> settled = ended;
  private final Duration firstAudioWithin;
  private final OperatedCall call;

  /** Completes when the session was opened, refused, or will not be asked for. */
  private final CompletableFuture<Void> opening = new CompletableFuture<>();

  /** The {@link #opening} of the source whose place this one takes. */
  private volatile CompletableFuture<Void> before = CompletableFuture.completedFuture(null);

  /** Completes when its record is kept. */
  private volatile CompletableFuture<Void> kept = CompletableFuture.completedFuture(null);

  private State state = State.WAITING;
  private @Nullable ScheduledFuture<?> firstAudioDue;
  private @Nullable SessionSource source;

  /** Why it ends; null while it goes on. */
  private @Nullable String endReason;

  /**
   * @param host where senders reach the ports
   * @param firstAudioWithin ports at which no audio came for so long are closed, whatever came
   */
  MediaPortSource(
      MediaPortRequest request,
      Sessions sessions,
      RtpEngine engine,
      ExecutorService blocking,
      MediaPortMeters meters,
      String host,
      Duration firstAudioWithin,
      Clock clock,
      CallLog callLog) {
    this.call = new OperatedCall(KIND, "udp", clock, callLog, blocking);
    this.request = request;
    this.sessions = sessions;
    this.engine = engine;
    this.loop = engine.nextLoop();
    this.blocking = blocking;
    this.meters = meters;
    this.host = host;
    this.firstAudioWithin = firstAudioWithin;
    this.legs = new PortLegs(this, request, meters);
  }

  MediaPortRequest request() {
    return request;
  }

  /**
   * Binds the ports; they receive when the stage completes.
   *
   * @return fails when a port is missing; nothing is left open then
   */
  CompletionStage<Void> bind() {
    return legs.open(engine, loop).thenAcceptAsync(this::bound, loop);
  }

  private void bound(List<RtpSession> ports) {
    if (endReason != null) {
      ports.forEach(RtpSession::close);
      return;
    }
    legs.receive(ports);
    firstAudioDue =
        loop.schedule(this::waitedInVain, firstAudioWithin.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Valid packets may come all the time and bring nothing that can be decoded. */
  private void waitedInVain() {
    if (state == State.WAITING) {
      meters.unused.increment();
      finish("rtp-timeout");
    }
  }

  /**
   * Runs a task on the event loop.
   *
   * @return false when the gateway is closed and the task will not run
   */
  private boolean run(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("Session {}: the gateway is closed", request.sessionId());
      return false;
    }
  }

  private void runOrEnd(Runnable task) {
    if (!run(task)) {
      ended.complete(null);
    }
  }

  /**
   * Takes the place of another source, and opens its session after that one has: the later opening
   * would end this one otherwise.
   */
  void follow(MediaPortSource older) {
    before = older.opening;
  }

  /**
   * What it is now.
   *
   * @throws RejectedExecutionException when the gateway is closed
   */
  CompletableFuture<OpenMediaPorts> snapshot() {
    return CompletableFuture.supplyAsync(
        () -> new OpenMediaPorts(request, state != State.WAITING, legs.ports(host)), loop);
  }

  /**
   * Runs a task when the ports are closed and the session has ended. {@link #awaitEnd} waits for
   * it: who awaited the end itself could go on before what it gives back is there.
   */
  void onEnded(Runnable task) {
    settled = ended.thenRun(task);
  }

  /** Idempotent. Thread: any. */
  void end(String reason) {
    runOrEnd(() -> finish(reason));
  }

  boolean isOpening() {
    return state == State.OPENING;
  }

  /** Called with all audio: the first of it opens the session. */
  void audioCame() {
    if (state != State.WAITING) {
      return;
    }
    state = State.OPENING;
    call.started();
    SourceRequest wanted =
        new SourceRequest(
            request.sessionId(),
            KIND,
            request.owner(),
            request.legs().stream().map(leg -> new SourceRequest.Leg(leg, 8000)).toList(),
            request.recognition(),
            Map.of("codec", codec()));
    blocking.execute(
        () -> {
          before.copy().completeOnTimeout(null, PREDECESSOR_S, TimeUnit.SECONDS).join();
          try {
            SessionSource opened = sessions.open(wanted, this);
            if (!run(() -> opened(opened))) {
              endSource(opened, "draining");
            }
          } catch (SessionRefusedException no) {
            runOrEnd(() -> refused(String.valueOf(no.getMessage())));
          } catch (RuntimeException bug) {
            LOG.error("Session {} could not be opened", request.sessionId(), bug);
            runOrEnd(() -> refused("an internal error"));
          } finally {
            opening.complete(null);
          }
        });
  }

  private void opened(SessionSource opened) {
    meters.begun.increment();
    if (state == State.GONE) {
      return;
    }
    source = opened;
    call.opened();
    state = State.OPEN;
    legs.attach(opened);
    if (endReason != null) {
      keepRecord(endReason);
      endSource(opened, endReason);
    }
  }

  private void refused(String why) {
    LOG.info("Media ports of session {} closed: {}", request.sessionId(), why);
    meters.refused.increment();
    gone("refused");
  }

  /** At a leg nothing came for the media timeout; the others may still be spoken on. */
  void timedOut() {
    if (legs.areSilent()) {
      // Not within the tick that found it.
      runOrEnd(
          () -> {
            if (state == State.WAITING) {
              meters.unused.increment();
            }
            finish("rtp-timeout");
          });
    }
  }

  void failed(RuntimeException bug) {
    LOG.error("A media port of session {} failed", request.sessionId(), bug);
    runOrEnd(() -> finish("failed"));
  }

  private void gone(String reason) {
    if (state == State.WAITING) {
      opening.complete(null);
    }
    state = State.GONE;
    finish(reason);
    kept.whenComplete((_, _) -> ended.complete(null));
  }

  private void finish(String reason) {
    if (endReason != null) {
      return;
    }
    endReason = reason;
    if (firstAudioDue != null) {
      firstAudioDue.cancel(false);
    }
    // The jitter buffers bring the last audio while the session is open.
    legs.close();
    keepRecord(reason);
    switch (state) {
      case WAITING -> gone(reason);
      case OPEN -> {
        if (source != null) {
          endSource(source, reason);
        }
      }
      case OPENING, GONE -> {
        // Ended when it has opened; or ended already.
      }
    }
  }

  private void endSource(SessionSource open, String reason) {
    CompletableFuture<Void> record = kept;
    open.end(reason)
        .whenComplete((done, failure) -> record.whenComplete((_, _) -> ended.complete(null)));
  }

  private void keepRecord(String reason) {
    if (call.isStarted()) {
      kept = call.ended(seen(), reason);
    }
  }

  @Override
  public CompletableFuture<Optional<OpenCall>> call() {
    return CompletableFuture.supplyAsync(
        () -> call.isStarted() && endReason == null ? Optional.of(seen()) : Optional.empty(), loop);
  }

  private OpenCall seen() {
    SessionSource open = endReason == null ? source : null;
    return call.seen(
        request.sessionId(),
        request.from().map(InetAddress::getHostAddress).orElse(""),
        legs.quality(codec(), open));
  }

  private String codec() {
    return request.format().codec().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean isOf(SessionId sessionId) {
    return request.sessionId().equals(sessionId);
  }

  @Override
  public boolean hangUp() {
    end("hangup");
    return true;
  }

  @Override
  public boolean pause(boolean on) {
    return run(
        () -> {
          legs.pause(on);
          call.pause(on, source);
        });
  }

  @Override
  public boolean mark(CallMark mark) {
    return run(() -> call.mark(mark, source));
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    // Readers have them; a sender of RTP is told nothing.
  }

  @Override
  public void onClosed(SourceClosed reason) {
    runOrEnd(() -> gone(reason.name().toLowerCase(Locale.ROOT).replace('_', '-')));
  }

  /** Waits for the end, for some time at most. */
  void awaitEnd(Duration atMost) {
    settled.copy().completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS).join();
  }
}
