package org.linescribe.api.sessions;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.EventFlow;
import org.linescribe.api.http.EventStreams;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.transcript.SessionReading;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/**
 * A session's events as server-sent events. The id of a final is its number; partials have none, so
 * that a client which reconnects with {@code Last-Event-ID} gets every final after the last that it
 * had, once. A session that has ended is read to its end and the stream completes; one that is
 * unknown is 404, unless the client asks to wait for it. {@code Last-Event-ID} wins over {@code
 * from_seq}: a browser that reconnects sends the first address again, with the id beside it.
 *
 * <p>Thread: the subscription's own brings the events, event loops write them.
 *
 * <p>Source: WHATWG HTML, server-sent events.
 */
final class SessionEvents {
  private static final Logger LOG = LoggerFactory.getLogger(SessionEvents.class);
  private static final int MAX_QUEUED_EVENTS = 64;
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  private final Sessions sessions;
  private final BlockingCalls blockingCalls;
  private final TranscriptJson transcript;
  private final Duration keepAlive;
  private final ShutdownSignal shutdown;
  private final AtomicInteger open = new AtomicInteger();

  SessionEvents(
      Sessions sessions,
      BlockingCalls blockingCalls,
      TranscriptJson transcript,
      Duration keepAlive,
      ShutdownSignal shutdown,
      MeterRegistry registry) {
    this.sessions = sessions;
    this.blockingCalls = blockingCalls;
    this.transcript = transcript;
    this.keepAlive = keepAlive;
    this.shutdown = shutdown;
    Gauge.builder("linescribe.api.events.open", open, AtomicInteger::get)
        .description("Event streams open now")
        .register(registry);
  }

  Mono<ServerResponse> stream(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    long fromSeq = fromSeq(request);
    boolean wait = Requests.flag(request, "wait", false);
    Viewer viewer = Viewer.of(request.attributes());
    boolean reconnected = request.headers().firstHeader(LAST_EVENT_ID) != null;
    return blockingCalls
        .call(() -> wait ? SessionReading.waiting(viewer) : SessionReading.of(sessions, id, viewer))
        .flatMap(
            reading -> {
              if (!reading.known()) {
                return Mono.error(RefusedRequestException.sessionNotFound(id));
              }
              if (reconnected && reading.isReadToEnd(fromSeq)) {
                // To a browser's EventSource anything else means: reconnect.
                return ServerResponse.noContent().build();
              }
              return EventStreams.response(
                  events(id, fromSeq, reading).startWith(EventStreams.comment("connected")),
                  shutdown);
            });
  }

  private static long fromSeq(ServerRequest request) {
    List<String> lastEventId = request.headers().header(LAST_EVENT_ID);
    Optional<String> last = lastEventId.stream().filter(text -> !text.isEmpty()).findFirst();
    return last.map(text -> Requests.number(LAST_EVENT_ID, text, 0, Long.MAX_VALUE - 1) + 1)
        .orElseGet(() -> Requests.number(request, "from_seq", 1, Long.MAX_VALUE, 1));
  }

  private Flux<String> events(SessionId id, long fromSeq, SessionReading reading) {
    Flux<String> events =
        Flux.defer(
            () -> {
              AtomicReference<Reader> reader = new AtomicReference<>();
              return EventFlow.of(
                  MAX_QUEUED_EVENTS,
                  (EventFlow<String> flow) -> {
                    open.incrementAndGet();
                    Reader begun = new Reader(flow, reading);
                    reader.set(begun);
                    blockingCalls.execute(() -> begun.begin(id, fromSeq));
                  },
                  () -> {
                    open.decrementAndGet();
                    reader.get().stop();
                  });
            });
    return events
        .materialize()
        .mergeWith(
            Flux.interval(keepAlive)
                .onBackpressureDrop()
                .map(_ -> Signal.next(EventStreams.comment("keep-alive"))))
        .dematerialize();
  }

  /** Takes a subscription's events to one response. */
  private final class Reader implements TranscriptReader {
    private static final Sessions.Subscription STOPPED = () -> {};

    private final EventFlow<String> flow;
    private final SessionReading reading;
    private final AtomicReference<Sessions.Subscription> subscription = new AtomicReference<>();

    Reader(EventFlow<String> flow, SessionReading reading) {
      this.flow = flow;
      this.reading = reading;
    }

    void begin(SessionId id, long fromSeq) {
      try {
        Sessions.Subscription begun = reading.begin(sessions, id, fromSeq, this);
        if (!subscription.compareAndSet(null, begun)) {
          begun.close();
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        flow.complete();
      } catch (RuntimeException bug) {
        LOG.error("Session {} could not be subscribed to", id, bug);
        flow.fail(bug);
      }
    }

    void stop() {
      Sessions.Subscription begun = subscription.getAndSet(STOPPED);
      if (begun != null) {
        begun.close();
      }
    }

    @Override
    public void onEvent(TranscriptEvent event) throws InterruptedException {
      String json = transcript.event(event);
      switch (event) {
        case TranscriptEvent.Partial _ -> flow.sendLatest(EventStreams.data(json));
        case TranscriptEvent.Final segment ->
            flow.sendWaiting(EventStreams.data(json, segment.seq()));
        case TranscriptEvent.Dtmf _ -> flow.sendWaiting(EventStreams.data(json));
        case TranscriptEvent.Ended _ -> {
          flow.sendWaiting(EventStreams.data(json));
          if (reading.end() != null) {
            flow.complete();
          }
        }
      }
    }

    @Override
    public void onFailure(Exception failure) {
      LOG.warn("The subscription of an event stream failed", failure);
      flow.fail(failure);
    }
  }
}
