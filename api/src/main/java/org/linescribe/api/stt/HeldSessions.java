package org.linescribe.api.stt;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code POST /stt/stream-chunk}: a session over plain HTTP. The first chunk opens it, the next
 * ones name it; one that is left alone expires. Requests of a session come to one node (session
 * affinity); one that comes to another takes the session over there.
 *
 * <p>Thread: any.
 */
final class HeldSessions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeldSessions.class);
  private static final long LONGEST_LOOK_MS = 10_000;

  private final SttClients door;
  private final Ffmpeg ffmpeg;
  private final ChunksInHand inHand;
  private final Map<SessionId, HeldSession> held = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stt-expiry").factory());

  HeldSessions(SttClients door, Ffmpeg ffmpeg, ChunksInHand inHand) {
    this.door = door;
    this.ffmpeg = ffmpeg;
    this.inHand = inHand;
    long lookMs = Math.clamp(door.settings().sessionTimeout().toMillis() / 4, 50, LONGEST_LOOK_MS);
    clock.scheduleWithFixedDelay(this::look, lookMs, lookMs, TimeUnit.MILLISECONDS);
  }

  Mono<ServerResponse> chunk(ServerRequest request) {
    return Mono.using(
            () -> inHand.new Share(),
            share ->
                ChunkForm.read(request, door.settings(), share)
                    .flatMap(form -> door.blockingCalls().call(() -> take(form))))
        .flatMap(answer -> ServerResponse.ok().bodyValue(answer));
  }

  private HeldSession.Answer take(ChunkForm form)
      throws SessionRefusedException, InterruptedException {
    SttRequest request;
    boolean isLast;
    try {
      request = SttRequest.of(form::field);
      isLast = form.isFinal();
    } catch (UnusableRequestException unusable) {
      door.open().refused("bad_request");
      throw RefusedRequestException.badRequest(unusable.words());
    }
    if (form.audio().length == 0 && !isLast) {
      throw RefusedRequestException.badRequest("audio_chunk: expected audio, or is_final_chunk");
    }
    while (true) {
      HeldSession session = find(request);
      session.turn.lockInterruptibly();
      try {
        if (session.isOver()) {
          remove(session);
          continue;
        }
        requireSame(session.session().request(), request, form);
        return session.take(form, isLast);
      } finally {
        if (session.isOver()) {
          remove(session);
        }
        session.turn.unlock();
      }
    }
  }

  private HeldSession find(SttRequest request) throws SessionRefusedException {
    HeldSession known = request.sessionId().map(held::get).orElse(null);
    return known == null ? open(request) : known;
  }

  private HeldSession open(SttRequest request) throws SessionRefusedException {
    SttSession session;
    try {
      session = door.agree(request, SttSession.Transport.HTTP);
    } catch (UnusableRequestException unusable) {
      door.open().refused("bad_request");
      throw RefusedRequestException.badRequest(unusable.words());
    }
    boolean resumed =
        request.sessionId().isPresent() && door.sessions().find(session.id()).isPresent();
    HeldSession opened = new HeldSession(session, door, ffmpeg, resumed);
    opened.turn.lock();
    try {
      @Nullable HeldSession other = held.putIfAbsent(session.id(), opened);
      if (other != null) {
        return other;
      }
      opened.opened(door.openSource(session, opened));
      door.open().opened(session);
      if (opened.isOver()) {
        // Whoever closed it was faster than this count.
        door.open().ended(session);
      }
      return opened;
    } catch (SessionRefusedException | RuntimeException refused) {
      remove(opened);
      throw refused;
    } finally {
      opened.turn.unlock();
    }
  }

  /** A session's terms are its first request's; what a later one leaves out is as before. */
  private static void requireSame(SttRequest first, SttRequest now, ChunkForm form) {
    if (form.field("sample_rate").isPresent() && first.sampleRateHz() != now.sampleRateHz()) {
      throw RefusedRequestException.badRequest(
          "sample_rate: this session began with " + first.sampleRateHz());
    }
    requireSame("language", first.language(), now.language());
    requireSame("provider", first.provider(), now.provider());
  }

  private static void requireSame(String name, Optional<String> first, Optional<String> now) {
    if (now.isPresent() && !Objects.equals(first, now)) {
      throw RefusedRequestException.badRequest(
          name + ": this session began with " + first.orElse("none"));
    }
  }

  private void look() {
    try {
      long nowNs = System.nanoTime();
      for (HeldSession session : List.copyOf(held.values())) {
        if (session.isOver() || isExpired(session, nowNs)) {
          door.blockingCalls().execute(() -> expire(session));
        } else {
          session.hold();
        }
      }
    } catch (RuntimeException bug) {
      LOG.error("Held sessions could not be looked at", bug);
    }
  }

  private boolean isExpired(HeldSession session, long nowNs) {
    return session.session().inactiveNs(nowNs) > door.settings().sessionTimeout().toNanos();
  }

  private void expire(HeldSession session) {
    if (!session.turn.tryLock()) {
      return;
    }
    try {
      // Looked at again: a request may have had the turn since.
      if (!session.isOver() && isExpired(session, System.nanoTime())) {
        door.open().expired();
        session.end("expired");
      }
      if (session.isOver()) {
        remove(session);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      session.turn.unlock();
    }
  }

  /** Thread: who has the session's turn. */
  private void remove(HeldSession session) {
    session.discard();
    held.remove(session.session().id(), session);
  }

  /** The sessions themselves are ended by the pipeline's drain. */
  @Override
  public void close() {
    clock.shutdownNow();
  }
}
