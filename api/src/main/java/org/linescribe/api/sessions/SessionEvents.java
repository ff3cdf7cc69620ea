package org.linescribe.api.sessions;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.EventFlow;
import org.linescribe.api.Requests;
import org.linescribe.api.ShutdownSignal;
import org.linescribe.api.TranscriptJson;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A session's events as server-sent events. The id of a final is its number; partials have none, so
 * that a client which reconnects with {@code Last-Event-ID} gets every final after the last that it
 * had, once. {@code Last-Event-ID} wins over {@code from_seq}: a browser that reconnects sends the
 * first address again, with the id beside it.
 *
 * <p>Thread: the subscription's own brings the events, event loops write them.
 *
 * <p>Source: WHATWG HTML, server-sent events.
 */
final class SessionEvents {
  private static final Logger LOG = LoggerFactory.getLogger(SessionEvents.class);
  private static final int MAX_OWED_EVENTS = 64;
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
    Flux<ServerSentEvent<String>> beats =
        Flux.interval(keepAlive)
            .onBackpressureDrop()
            .map(_ -> ServerSentEvent.<String>builder().comment("keep-alive").build());
    Flux<ServerSentEvent<String>> stream =
        Flux.merge(events(id, fromSeq(request)), beats).takeUntilOther(shutdown.asMono());
    return ServerResponse.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("Cache-Control", "no-cache")
        // Proxies that buffer responses (nginx) are told not to.
        .header("X-Accel-Buffering", "no")
        .body(BodyInserters.fromServerSentEvents(stream));
  }

  private static long fromSeq(ServerRequest request) {
    List<String> lastEventId = request.headers().header(LAST_EVENT_ID);
    Optional<String> last = lastEventId.stream().filter(text -> !text.isEmpty()).findFirst();
    return last.map(text -> Requests.number(LAST_EVENT_ID, text, 0, Long.MAX_VALUE - 1) + 1)
        .orElseGet(() -> Requests.number(request, "from_seq", 1, Long.MAX_VALUE, 1));
  }

  private Flux<ServerSentEvent<String>> events(SessionId id, long fromSeq) {
    return Flux.defer(
        () -> {
          AtomicReference<Reader> reader = new AtomicReference<>();
          return EventFlow.of(
              MAX_OWED_EVENTS,
              (EventFlow<ServerSentEvent<String>> flow) -> {
                open.incrementAndGet();
                Reader begun = new Reader(flow);
                reader.set(begun);
                blockingCalls.execute(() -> begun.begin(id, fromSeq));
              },
              () -> {
                open.decrementAndGet();
                reader.get().stop();
              });
        });
  }

  /** Takes a subscription's events to one response. */
  private final class Reader implements TranscriptReader {
    private static final Sessions.Subscription STOPPED = () -> {};

    private final EventFlow<ServerSentEvent<String>> flow;
    private final AtomicReference<Sessions.Subscription> subscription = new AtomicReference<>();

    Reader(EventFlow<ServerSentEvent<String>> flow) {
      this.flow = flow;
    }

    void begin(SessionId id, long fromSeq) {
      try {
        Sessions.Subscription begun = sessions.subscribe(id, fromSeq, this);
        if (!subscription.compareAndSet(null, begun)) {
          begun.close();
        }
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
      ServerSentEvent.Builder<String> message = ServerSentEvent.builder(transcript.event(event));
      switch (event) {
        case TranscriptEvent.Partial _ -> flow.sendLatest(message.build());
        case TranscriptEvent.Final done ->
            flow.sendWaiting(message.id(Long.toString(done.seq())).build());
        case TranscriptEvent.Ended _ -> flow.sendWaiting(message.build());
      }
    }

    @Override
    public void onFailure(Exception failure) {
      LOG.warn("The subscription of an event stream failed", failure);
      flow.fail(failure);
    }
  }
}
