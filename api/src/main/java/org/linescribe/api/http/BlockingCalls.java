package org.linescribe.api.http;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The way from an event loop to a call that blocks: a virtual thread for each. How many of them
 * reach the store at once is bounded by its connection pool.
 *
 * <p>Thread: any.
 */
public final class BlockingCalls implements AutoCloseable {
  private final ExecutorService virtualThreads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("api-", 0).factory());
  private final Scheduler scheduler = Schedulers.fromExecutorService(virtualThreads, "api");

  /** The call's result, or its exception. */
  public <T> Mono<T> call(Callable<T> blocking) {
    return Mono.fromCallable(blocking).subscribeOn(scheduler);
  }

  /** 200 with the call's result as JSON. */
  public Mono<ServerResponse> answer(Callable<?> blocking) {
    return call(blocking).flatMap(body -> ServerResponse.ok().bodyValue(body));
  }

  /**
   * As {@link #call}, but never interrupted: it goes on to its end when nobody waits for its result
   * any more. For calls that write, as an interrupt closes a file's channel.
   */
  public <T> Mono<T> callToEnd(Callable<T> blocking) {
    return Mono.create(
        sink ->
            virtualThreads.execute(
                () -> {
                  try {
                    sink.success(blocking.call());
                  } catch (Exception | Error failed) {
                    sink.error(failed);
                  }
                }));
  }

  /** A stream whose every element is made by a call that blocks. */
  public <T> Flux<T> subscribedOn(Flux<T> blocking) {
    return blocking.subscribeOn(scheduler);
  }

  /** Runs it soon. What it throws must be caught within. */
  public void execute(Runnable blocking) {
    virtualThreads.execute(blocking);
  }

  @Override
  public void close() {
    scheduler.dispose();
    virtualThreads.shutdownNow();
  }
}
