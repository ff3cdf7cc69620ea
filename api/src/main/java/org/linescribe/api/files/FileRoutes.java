package org.linescribe.api.files;

import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.EventFlow;
import org.linescribe.api.http.EventStreams;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.RequestOrigin;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.api.http.Viewer;
import org.linescribe.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The routes of the files API.
 *
 * <p>Events are written as the document shows them, {@code data: {json}} and an empty line: its
 * JavaScript client wants the space after the colon, which Spring's own writer leaves out, and
 * takes the rest of the message for JSON, so that no {@code id:} line may follow.
 *
 * <p>Thread: event loops; a virtual thread delivers a stream's events.
 */
record FileRoutes(
    Uploads uploads,
    FileTasks tasks,
    FairQueue<FileTasks.Submitted> queue,
    TaskEvents events,
    FilesSettings settings,
    FilesMeters meters,
    BlockingCalls blockingCalls,
    ShutdownSignal shutdown) {
  private static final Logger LOG = LoggerFactory.getLogger(FileRoutes.class);
  private static final int MAX_OWED_EVENTS = 64;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);
  private static final String TASK_ID = "task_id";

  /** {@code POST /audio/process}: the task goes on when the client leaves. */
  Mono<ServerResponse> process(ServerRequest request) {
    return submit(request, settings.pollTimeout())
        .flatMap(
            submitted ->
                blockingCalls.call(() -> events.after(submitted.task().taskId(), 0).getFirst()))
        .flatMap(
            first ->
                ServerResponse.accepted()
                    .contentType(MediaType.APPLICATION_JSON)
                    .bodyValue(first.json()));
  }

  /** {@code POST /audio/process-stream}. */
  Mono<ServerResponse> processStream(ServerRequest request) {
    return stream(request, false);
  }

  /** {@code POST /audio/process-stream-realtime}. */
  Mono<ServerResponse> processStreamRealtime(ServerRequest request) {
    return stream(request, true);
  }

  private Mono<ServerResponse> stream(ServerRequest request, boolean realtime) {
    return Mono.defer(
        () -> {
          AtomicReference<FileTasks.@Nullable Submitted> begun = new AtomicReference<>();
          return submit(request, settings.timeout())
              .doOnNext(begun::set)
              .flatMap(submitted -> stream(submitted, realtime))
              .doOnCancel(() -> stop(begun.get()));
        });
  }

  private void stop(FileTasks.@Nullable Submitted submitted) {
    if (submitted != null) {
      tasks.stop(submitted, FileTask.Stop.CLIENT_GONE);
    }
  }

  private Mono<FileTasks.Submitted> submit(ServerRequest request, Duration timeout) {
    return request
        .principal()
        .map(Principal::getName)
        .defaultIfEmpty(address(request))
        .flatMap(
            client -> {
              Optional<FairQueue<FileTasks.Submitted>.Permit> reserved = queue.reserve(client);
              if (reserved.isEmpty()) {
                return Mono.error(
                    RefusedRequestException.unavailable("The queue is full", RETRY_AFTER));
              }
              FairQueue<FileTasks.Submitted>.Permit permit = reserved.get();
              return uploads
                  .read(request)
                  .flatMap(
                      upload ->
                          Mono.justOrEmpty(
                              tasks.submit(permit, RequestOrigin.of(request), upload, timeout)))
                  // Released before the client is answered, so that it can try again at once;
                  // without
                  // effect after the upload was submitted.
                  .doOnTerminate(permit::release)
                  .doOnCancel(permit::release);
            })
        .doOnError(
            RefusedRequestException.class, refused -> meters.refused(refused.status().value()));
  }

  private static String address(ServerRequest request) {
    return request
        .remoteAddress()
        .map(address -> address.getAddress().getHostAddress())
        .orElse("unknown");
  }

  /** {@code GET /audio/task/{task_id}}, on any node. */
  Mono<ServerResponse> task(ServerRequest request) {
    SessionId taskId = taskId(request);
    return known(taskId, Viewer.of(request.attributes()))
        .flatMap(
            latest ->
                ServerResponse.ok()
                    .contentType(MediaType.APPLICATION_JSON)
                    .header("Cache-Control", "no-store")
                    .bodyValue(polled(latest)));
  }

  /** A client that polls sees a waiting or running task as "PROCESSING", as in a stream. */
  private static String polled(TaskEvent latest) {
    if (latest.kind() != TaskEvent.Kind.SUBMITTED) {
      return latest.json();
    }
    ObjectNode queued = (ObjectNode) JsonMapper.shared().readTree(latest.json());
    queued.put("progress", 0);
    return queued.toString();
  }

  /**
   * {@code GET /audio/task/{task_id}/events}: a task's stream again, from the start, on any node.
   */
  Mono<ServerResponse> taskEvents(ServerRequest request) {
    SessionId taskId = taskId(request);
    return known(taskId, Viewer.of(request.attributes()))
        .flatMap(
            latest ->
                EventStreams.response(follow(taskId, true, Optional.empty(), () -> {}), shutdown));
  }

  private Mono<TaskEvent> known(SessionId taskId, Viewer viewer) {
    return blockingCalls
        .call(() -> events.latest(taskId))
        .onErrorMap(
            TaskEventsUnavailableException.class,
            away -> RefusedRequestException.unavailable("Tasks cannot be read now", RETRY_AFTER))
        .flatMap(
            latest ->
                latest
                    .filter(event -> viewer.sees(event.owner()))
                    .<Mono<TaskEvent>>map(Mono::just)
                    .orElseGet(
                        () ->
                            Mono.error(
                                new RefusedRequestException(
                                    HttpStatus.NOT_FOUND,
                                    "Task not found",
                                    Map.of(TASK_ID, taskId.value())))));
  }

  private static SessionId taskId(ServerRequest request) {
    return Requests.sessionId(request.pathVariable(TASK_ID));
  }

  private Mono<ServerResponse> stream(FileTasks.Submitted submitted, boolean realtime) {
    return EventStreams.response(
        follow(
            submitted.task().taskId(),
            realtime,
            Optional.of(submitted.logbook()::heartbeat),
            () -> stop(submitted)),
        shutdown);
  }

  /**
   * A task's events from the first on, until its last.
   *
   * @param heartbeat makes the heartbeats, or empty for none
   * @param onEnd called when the client is gone or the stream has ended
   */
  private Flux<String> follow(
      SessionId taskId, boolean realtime, Optional<Supplier<String>> heartbeat, Runnable onEnd) {
    return Flux.defer(
        () -> {
          Follower follower = new Follower(taskId, realtime, heartbeat);
          return EventFlow.of(
              MAX_OWED_EVENTS,
              (EventFlow<String> flow) -> blockingCalls.execute(() -> follower.run(flow)),
              () -> {
                follower.stop();
                blockingCalls.execute(onEnd);
              });
        });
  }

  /** Sends a task's events to one response. Thread: a virtual one of its own. */
  private final class Follower {
    private final SessionId taskId;
    private final boolean realtime;
    private final @Nullable Supplier<String> heartbeat;
    private final Semaphore news = new Semaphore(0);
    private volatile boolean stopped;

    Follower(SessionId taskId, boolean realtime, Optional<Supplier<String>> heartbeat) {
      this.taskId = taskId;
      this.realtime = realtime;
      this.heartbeat = heartbeat.orElse(null);
    }

    void stop() {
      stopped = true;
      news.release();
    }

    void run(EventFlow<String> flow) {
      try (TaskEvents.Registration _ = events.listen(taskId, news::release)) {
        follow(flow);
        flow.complete();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        flow.complete();
      } catch (RuntimeException e) {
        LOG.warn("A task's events cannot be followed", e);
        flow.fail(e);
      }
    }

    private void follow(EventFlow<String> flow) throws InterruptedException {
      long seen = 0;
      long beatNs = System.nanoTime();
      while (!stopped) {
        List<TaskEvent> more = after(seen);
        for (TaskEvent event : more) {
          seen = event.seq();
          boolean wanted = realtime || event.kind() != TaskEvent.Kind.PARTIAL;
          if (wanted
              && !flow.sendWaiting(
                  EventStreams.data(realtime ? TaskLogbook.realtime(event) : event.json()))) {
            return;
          }
          if (event.kind().isLast()) {
            return;
          }
        }
        long leftNs = settings.heartbeat().toNanos() - (System.nanoTime() - beatNs);
        if (leftNs <= 0) {
          beatNs = System.nanoTime();
          Supplier<String> beat = heartbeat;
          if (beat != null) {
            flow.sendLatest(EventStreams.data(beat.get()));
          } else if (isForgotten()) {
            return;
          }
        } else if (more.isEmpty() && news.tryAcquire(leftNs, TimeUnit.NANOSECONDS)) {
          news.drainPermits();
        }
      }
    }

    /** Empty while the log cannot be read; once it can be read again, no event is missing. */
    private List<TaskEvent> after(long seen) throws InterruptedException {
      try {
        return events.after(taskId, seen);
      } catch (TaskEventsUnavailableException away) {
        LOG.debug("Task {} cannot be followed now: {}", taskId, away.toString());
        return List.of();
      }
    }

    /** Whether the events have expired: the node that worked on the task is gone. */
    private boolean isForgotten() throws InterruptedException {
      try {
        return events.latest(taskId).isEmpty();
      } catch (TaskEventsUnavailableException away) {
        return false;
      }
    }
  }
}
