package org.linescribe.asr.worker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Languages that sessions named, for which each worker of a pool loads its model once more.
 *
 * <p>Thread: any; blocks as long as the workers load.
 */
final class WorkerLanguages {
  /**
   * For the answers of all workers together: below {@code linescribe.call.open-timeout}, and above
   * what a worker waits for its model.
   */
  private static final Duration PREPARED_WITHIN = Duration.ofSeconds(5);

  /** Each waits for some seconds where the model is still being loaded. */
  private static final int ATTEMPTS = 5;

  private final CopyOnWriteArrayList<String> named = new CopyOnWriteArrayList<>();
  private final Supplier<List<WorkerProcess>> serving;

  /**
   * @param serving the workers that serve now
   */
  WorkerLanguages(Supplier<List<WorkerProcess>> serving) {
    this.serving = serving;
  }

  /**
   * Has every worker made ready to be told a language, all at once, and waits some seconds for
   * them; one that starts later is prepared beside what it serves.
   *
   * @param language an ISO 639 code
   * @return false where one of them cannot be told it now
   */
  boolean prepare(String language) {
    return prepare(language, PREPARED_WITHIN);
  }

  boolean prepare(String language, Duration within) {
    // First: one that starts meanwhile is asked as well.
    boolean isNew = named.addIfAbsent(language);
    List<CompletableFuture<Boolean>> answers =
        serving.get().stream().map(worker -> preparing(worker, language)).toList();
    boolean isPrepared = !answers.isEmpty() && areAllTrue(answers, within);
    if (isPrepared) {
      named.addIfAbsent(language);
    } else if (isNew) {
      named.remove(language);
    }
    return isPrepared;
  }

  private static CompletableFuture<Boolean> preparing(WorkerProcess worker, String language) {
    return CompletableFuture.supplyAsync(
        () -> worker.prepare(language), task -> Thread.ofVirtual().start(task));
  }

  private static boolean areAllTrue(List<CompletableFuture<Boolean>> answers, Duration within) {
    try {
      CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
          .get(within.toNanos(), TimeUnit.NANOSECONDS);
      return answers.stream().allMatch(CompletableFuture::join);
    } catch (ExecutionException | TimeoutException notNow) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Has a worker that started again made ready for all of them. */
  void prepareForAll(WorkerProcess worker) {
    for (String language : named) {
      for (int attempt = 0; attempt < ATTEMPTS && !worker.prepare(language); attempt++) {
        // It waited for its model, or has none for that language now.
      }
    }
  }
}
