package org.linescribe.api.stt;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.RequestOrigin;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code POST /stt/stream-chunk}: a session over plain HTTP, open between the requests of its
 * client. A request names its session by {@code session_id}, or by the cookie that the answer to
 * the first chunk sets, because the document's fields hold no session. A chunk that names none is
 * transcribed as a whole, and its session ends with it: a client without cookies would leave a
 * session open with every chunk.
 *
 * <p>Requests of a session come to one node (session affinity); one that comes to another takes the
 * session over there. The number of sessions is bounded, so that HTTP clients leave capacity for
 * calls.
 *
 * <p>Thread: any.
 */
final class HeldSessions implements AutoCloseable {
  static final String COOKIE = "linescribe_stt_session";
  private static final Logger LOG = LoggerFactory.getLogger(HeldSessions.class);
  private static final String PATH = "/stt/stream-chunk";
  private static final long LONGEST_CHECK_MS = 10_000;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final SttClients clients;
  private final PendingChunks pending;
  private final Map<SessionId, HeldSession> held = new ConcurrentHashMap<>();
  private final Semaphore permits;
  private final Beginnings beginnings;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stt-expiry").factory());

  HeldSessions(SttClients clients, PendingChunks pending) {
    this.clients = clients;
    this.pending = pending;
    this.permits = new Semaphore(clients.settings().maxHeldSessions());
    this.beginnings = new Beginnings(clients.settings().maxChunksInHand().toBytes());
    long checkMs =
        Math.clamp(clients.settings().sessionTimeout().toMillis() / 4, 50, LONGEST_CHECK_MS);
    clock.scheduleWithFixedDelay(this::endExpired, checkMs, checkMs, TimeUnit.MILLISECONDS);
  }

  /** An answer, and whether its client is to come back with a cookie. */
  private record Served(HeldSession.Answer answer, boolean byCookie, boolean last) {}

  Mono<ServerResponse> chunk(ServerRequest request) {
    return Mono.using(
            () -> pending.new Share(),
            share ->
                ChunkForm.read(request, clients.settings(), share)
                    .flatMap(
                        form ->
                            clients
                                .blockingCalls()
                                .call(() -> serve(form, RequestOrigin.of(request)))))
        .flatMap(this::response);
  }

  private Mono<ServerResponse> response(Served served) {
    ServerResponse.BodyBuilder response = ServerResponse.ok();
    if (served.byCookie()) {
      response.cookie(
          ResponseCookie.from(COOKIE, served.answer().sessionId())
              .path(PATH)
              .httpOnly(true)
              .sameSite("Lax")
              .maxAge(served.last() ? Duration.ZERO : clients.settings().sessionTimeout())
              .build());
    }
    return response.bodyValue(served.answer());
  }

  private Served serve(ChunkForm form, RequestOrigin origin)
      throws SessionRefusedException, InterruptedException {
    SttRequest request;
    boolean isLast;
    try {
      request = SttRequest.of(origin.owner(), form::field).inTrace(origin.traceParent());
      isLast = form.isFinal();
    } catch (UnusableRequestException unusable) {
      clients.open().refused("bad_request");
      throw RefusedRequestException.badRequest(unusable.words());
    }
    if (form.audio().length == 0 && !isLast) {
      throw RefusedRequestException.badRequest("audio_chunk: expected audio, or is_final_chunk");
    }
    boolean byCookie = request.sessionId().isEmpty();
    if (byCookie) {
      request = request.inSession(cookie(form.request()));
    }
    @Nullable String endReason =
        isLast ? "final_chunk" : request.sessionId().isEmpty() ? HeldSession.SINGLE_CHUNK : null;
    return new Served(write(form, request, endReason), byCookie, isLast);
  }

  private static Optional<SessionId> cookie(ServerRequest request) {
    return Optional.ofNullable(request.cookies().getFirst(COOKIE))
        .map(HttpCookie::getValue)
        .filter(SessionId::isValid)
        .map(SessionId::new);
  }

  private HeldSession.Answer write(ChunkForm form, SttRequest request, @Nullable String endReason)
      throws SessionRefusedException, InterruptedException {
    while (true) {
      HeldSession known = request.sessionId().map(held::get).orElse(null);
      HeldSession session = known == null ? open(request, form) : known;
      session.order.lockInterruptibly();
      try {
        if (!session.hasEnded()) {
          if (!session.session().request().owner().equals(request.owner())) {
            throw RefusedRequestException.conflict("another source has this session open");
          }
          requireSameTerms(session.session().request(), request, form);
          HeldSession.Answer answer = session.write(form, endReason);
          if (HeldSession.SINGLE_CHUNK.equals(endReason)) {
            beginnings.keep(session.session().id(), session.beginning(form));
          }
          return answer;
        }
      } catch (RuntimeException refused) {
        if (request.sessionId().isEmpty()) {
          session.end("failed");
        }
        throw refused;
      } finally {
        if (session.hasEnded()) {
          remove(session);
        }
        session.order.unlock();
      }
    }
  }

  private HeldSession open(SttRequest asked, ChunkForm form) throws SessionRefusedException {
    Optional<HeldSession.Beginning> beginning = asked.sessionId().flatMap(beginnings::take);
    beginning.ifPresent(begun -> requireSameTerms(begun.request(), asked, form));
    SttRequest request =
        beginning.map(begun -> begun.request().inSession(asked.sessionId())).orElse(asked);
    SttSession session;
    try {
      session = clients.agree(request, SttSession.Transport.HTTP);
    } catch (UnusableRequestException unusable) {
      clients.open().refused("bad_request");
      throw RefusedRequestException.badRequest(unusable.words());
    }
    if (!permits.tryAcquire()) {
      clients.open().refused("max_held_sessions");
      throw RefusedRequestException.unavailable(
          "Too many sessions by HTTP on this node", RETRY_AFTER);
    }
    boolean resumed =
        request.sessionId().isPresent() && clients.sessions().find(session.id()).isPresent();
    HeldSession opened = new HeldSession(session, clients, resumed, beginning);
    opened.order.lock();
    try {
      @Nullable HeldSession other = held.putIfAbsent(session.id(), opened);
      if (other != null) {
        permits.release();
        return other;
      }
      opened.opened(clients.openSource(session, opened));
      clients.open().opened(session);
      if (opened.hasEnded()) {
        // It may have been closed before it was counted.
        clients.open().ended(session);
      }
      return opened;
    } catch (SessionRefusedException | RuntimeException refused) {
      remove(opened);
      throw refused;
    } finally {
      opened.order.unlock();
    }
  }

  /**
   * A session keeps the terms of its first request; a field that a later one lacks is as before.
   */
  private static void requireSameTerms(SttRequest first, SttRequest now, ChunkForm form) {
    if (form.field("sample_rate").isPresent() && first.sampleRateHz() != now.sampleRateHz()) {
      throw RefusedRequestException.badRequest(
          "sample_rate: this session began with " + first.sampleRateHz());
    }
    requireSame("language", first.language(), now.language());
    requireSame("provider", first.provider(), now.provider());
    requireSame("model", first.model(), now.model());
  }

  private static void requireSame(String name, Optional<String> first, Optional<String> now) {
    if (now.isPresent() && !Objects.equals(first, now)) {
      throw RefusedRequestException.badRequest(
          name + ": this session began with " + first.orElse("none"));
    }
  }

  private void endExpired() {
    try {
      long nowNs = System.nanoTime();
      for (HeldSession session : List.copyOf(held.values())) {
        if (session.hasEnded() || isExpired(session, nowNs)) {
          clients.blockingCalls().execute(() -> expire(session));
        } else {
          session.keepAlive();
        }
      }
    } catch (RuntimeException bug) {
      LOG.error("The expiry of HTTP sessions failed", bug);
    }
  }

  private boolean isExpired(HeldSession session, long nowNs) {
    return session.session().inactiveNs(nowNs) > clients.settings().sessionTimeout().toNanos();
  }

  private void expire(HeldSession session) {
    if (!session.order.tryLock()) {
      return;
    }
    try {
      // A request may have come since the session was found expired.
      if (!session.hasEnded() && isExpired(session, System.nanoTime())) {
        clients.open().expired();
        session.end("expired");
      }
      if (session.hasEnded()) {
        remove(session);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      session.order.unlock();
    }
  }

  /** Thread: the holder of the session's order. */
  private void remove(HeldSession session) {
    session.close();
    if (held.remove(session.session().id(), session)) {
      permits.release();
    }
  }

  /** The pipeline's drain ends the sessions themselves. */
  @Override
  public void close() {
    clock.shutdownNow();
  }
}
