package org.linescribe.gateway.mediaports;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.OperatedSource;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpException;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOwner;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.MediaPorts;
import org.linescribe.session.mediaports.OpenMediaPorts;

/**
 * The media ports of this node: how many there may be, whose a session is, and their ends.
 *
 * <p>Thread: any; blocks.
 */
public final class RtpMediaPorts implements MediaPorts {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final Duration END_WITHIN = Duration.ofSeconds(10);
  private static final int LOOP_S = 5;

  private final RtpSettings settings;
  private final Sessions sessions;
  private final MediaPortMeters meters;
  private final Clock clock;
  private final int limit;
  private final Semaphore permits;
  private final Map<SessionId, MediaPortSource> sources = new ConcurrentHashMap<>();
  private final ExecutorService blocking =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("media-ports-", 0).factory());

  private volatile CallLog callLog = CallLog.NONE;

  /** Null before the start, and when no port opens any more. */
  private volatile @Nullable Line line;

  /** Where the ports come from. */
  private record Line(RtpEngine engine, String advertisedAddress, InetAddress rtpAddress) {
    String host(MediaPortRequest request) {
      if (!advertisedAddress.isEmpty()) {
        return advertisedAddress;
      }
      InetAddress address = rtpAddress.isAnyLocalAddress() ? request.reached() : rtpAddress;
      return address.getHostAddress().replaceFirst("%.*", "");
    }
  }

  public RtpMediaPorts(
      RtpSettings settings, Sessions sessions, MeterRegistry registry, Clock clock) {
    this.clock = clock;
    this.settings = settings;
    this.sessions = sessions;
    this.limit = settings.openableMediaPorts();
    this.permits = new Semaphore(limit);
    this.meters = new MediaPortMeters(registry, () -> limit - permits.availablePermits());
  }

  /** Keeps the records of sessions there that came by media ports; without it none is kept. */
  public void callLog(CallLog log) {
    callLog = log;
  }

  /** Those that are open. */
  public Collection<? extends OperatedSource> sources() {
    return sources.values();
  }

  /**
   * Opens ports when asked to.
   *
   * @param advertisedAddress told to programs; empty: the address that the ports are bound to, else
   *     the one of ours that the program reached
   * @param rtpAddress what the ports are bound to
   */
  public void start(RtpEngine engine, String advertisedAddress, InetAddress rtpAddress) {
    line = new Line(engine, advertisedAddress, rtpAddress);
  }

  @Override
  public OpenMediaPorts open(MediaPortRequest request, Runnable onEnd)
      throws SessionRefusedException {
    try {
      Line open = line;
      if (open == null) {
        throw refusal(Reason.DRAINING, "no line is open");
      }
      admit(request);
      return bind(request, open, onEnd);
    } catch (SessionRefusedException refusal) {
      meters.refused.increment();
      throw refusal;
    }
  }

  /** What the session would refuse at the first packet, when nobody could be told any more. */
  private void admit(MediaPortRequest request) throws SessionRefusedException {
    if (settings.source() == RtpSettings.Source.ADDRESS && request.from().isEmpty()) {
      throw refusal(Reason.UNSUPPORTED, "from: expected, as linescribe.rtp.source is 'address'");
    }
    if (request.legs().size() > limit) {
      throw refusal(
          Reason.UNSUPPORTED,
          "legs: "
              + request.legs().size()
              + " (expected: at most "
              + limit
              + ", for linescribe.rtp.media-ports and the range linescribe.rtp.ports)");
    }
    sessions.check(request.recognition());
    Sessions.Readiness readiness = sessions.readiness();
    if (!readiness.accepting()) {
      throw refusal(Reason.OVERLOADED, readiness.reason());
    }
    SessionId id = request.sessionId();
    Optional<String> owner = sessions.find(id).flatMap(SessionRecord::owner);
    MediaPortSource own = sources.get(id);
    if (SessionOwner.isAnothers(owner, request.owner()) || own == null && sessions.isLive(id)) {
      throw conflict();
    }
  }

  private OpenMediaPorts bind(MediaPortRequest request, Line on, Runnable onEnd)
      throws SessionRefusedException {
    int ports = request.legs().size();
    if (!permits.tryAcquire(ports)) {
      throw refusal(
          Reason.OVERLOADED,
          "all " + limit + " media ports of linescribe.rtp.media-ports are in use");
    }
    MediaPortSource source =
        new MediaPortSource(
            request,
            sessions,
            on.engine(),
            blocking,
            meters,
            on.host(request),
            settings.timeout(),
            clock,
            callLog);
    boolean open = false;
    try {
      source.bind().toCompletableFuture().get(LOOP_S, TimeUnit.SECONDS);
      OpenMediaPorts opened = source.snapshot().get(LOOP_S, TimeUnit.SECONDS);
      register(source);
      // From here on the permits are given back by the source's end, and by nothing else.
      open = true;
      source.onEnded(
          () -> {
            sources.remove(request.sessionId(), source);
            permits.release(ports);
            onEnd.run();
          });
      return opened;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RtpException none) {
        throw refusal(Reason.OVERLOADED, String.valueOf(none.getMessage()));
      }
      throw new IllegalStateException("media ports could not be opened", e);
    } catch (RejectedExecutionException closed) {
      throw refusal(Reason.DRAINING, "the line is closed");
    } catch (TimeoutException late) {
      throw refusal(Reason.OVERLOADED, "the media event loop does not answer");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refusal(Reason.DRAINING, "interrupted while opening");
    } finally {
      if (!open) {
        source.end("failed");
        permits.release(ports);
      }
    }
  }

  /** The newest ports of one owner win, as the newest source does. */
  private void register(MediaPortSource source) throws SessionRefusedException {
    SessionId id = source.request().sessionId();
    MediaPortSource older = sources.get(id);
    while (true) {
      if (older != null) {
        if (!older.request().owner().equals(source.request().owner())) {
          source.end("refused");
          throw conflict();
        }
        source.follow(older);
      }
      boolean won =
          older == null
              ? sources.putIfAbsent(id, source) == null
              : sources.replace(id, older, source);
      if (won) {
        break;
      }
      older = sources.get(id);
    }
    if (older != null) {
      older.end("superseded");
    }
    if (line == null) {
      source.end("draining");
    }
  }

  @Override
  public Optional<OpenMediaPorts> find(SessionId sessionId) {
    MediaPortSource source = sources.get(sessionId);
    if (source == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(source.snapshot().get(LOOP_S, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public boolean close(SessionId sessionId) {
    MediaPortSource source = sources.get(sessionId);
    if (source == null) {
      return false;
    }
    source.end("closed");
    source.awaitEnd(END_WITHIN);
    return true;
  }

  private static SessionRefusedException conflict() {
    return refusal(Reason.CONFLICT, "another source has this session; it takes no second one");
  }

  private static SessionRefusedException refusal(Reason reason, String message) {
    boolean again = reason == Reason.OVERLOADED || reason == Reason.DRAINING;
    return new SessionRefusedException(reason, message, again ? RETRY_AFTER : Duration.ZERO);
  }

  /** Opens no more, and ends what is open, waiting for their sessions for some time at most. */
  public void close(Duration atMost) {
    line = null;
    sources.values().forEach(source -> source.end("draining"));
    long endNs = System.nanoTime() + atMost.toNanos();
    sources
        .values()
        .forEach(
            source -> source.awaitEnd(Duration.ofNanos(Math.max(0, endNs - System.nanoTime()))));
  }
}
