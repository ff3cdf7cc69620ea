package org.linescribe.asr.sherpa;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model once more for each language that it was told: the library keeps the language with the
 * loaded model. Each is loaded on a thread of its own, beside the decoding, and stays.
 *
 * <p>Bound: {@value #MOST} languages. Thread: any. Owner of what it loads.
 *
 * @param <M> a loaded model
 */
final class ToldModels<M> implements AutoCloseable {
  /** Each holds the model's memory again. */
  static final int MOST = 4;

  /**
   * A model of some hundred MB takes seconds; whoever opens a session waits no longer: a call waits
   * {@code linescribe.call.open-timeout} for all of its opening.
   */
  static final Duration PATIENCE = Duration.ofSeconds(4);

  /** So long, from the failure on, a language that could not be loaded is not tried again. */
  static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(ToldModels.class);

  private final Function<String, M> loader;
  private final Consumer<M> freer;
  private final Duration patience;
  private final LongSupplier nowNs;
  private final Map<String, M> loaded = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<M>> loads = new HashMap<>();
  private final Map<String, Long> failedNs = new HashMap<>();
  private boolean closed;

  /**
   * @param loader loads the model for a language by its code, and throws where it cannot
   * @param freer frees what was loaded
   * @param patience how long {@link #load} waits
   */
  ToldModels(Function<String, M> loader, Consumer<M> freer, Duration patience) {
    this(loader, freer, patience, System::nanoTime);
  }

  ToldModels(Function<String, M> loader, Consumer<M> freer, Duration patience, LongSupplier nowNs) {
    this.loader = loader;
    this.freer = freer;
    this.patience = patience;
    this.nowNs = nowNs;
  }

  /** The model of a language, where it is loaded; never waits. */
  @Nullable M get(String code) {
    return loaded.get(code);
  }

  /**
   * Has the model loaded for a language, and waits for that.
   *
   * @return false where it is not loaded now: there are too many, loading takes longer and goes on,
   *     or it failed lately
   */
  boolean load(String code) {
    CompletableFuture<M> load = begin(code);
    if (load == null) {
      return false;
    }
    try {
      load.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException | TimeoutException notNow) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized @Nullable CompletableFuture<M> begin(String code) {
    CompletableFuture<M> known = loads.get(code);
    if (known != null) {
      return known;
    }
    Long failed = failedNs.get(code);
    boolean failedLately = failed != null && nowNs.getAsLong() - failed < RETRY_AFTER.toNanos();
    if (closed || failedLately || loads.size() >= MOST) {
      return null;
    }
    CompletableFuture<M> begun = new CompletableFuture<>();
    loads.put(code, begun);
    Thread.ofPlatform().daemon().name("asr-load-" + code).start(() -> run(code, begun));
    return begun;
  }

  private void run(String code, CompletableFuture<M> begun) {
    try {
      M model = loader.apply(code);
      loaded.put(code, model);
      begun.complete(model);
    } catch (RuntimeException | Error failed) {
      LOG.warn(
          "a model could not be loaded for language {}; sessions that name it are not told it for"
              + " {} s: {}",
          code,
          RETRY_AFTER.toSeconds(),
          failed.toString());
      synchronized (this) {
        loads.remove(code);
        failedNs.put(code, nowNs.getAsLong());
      }
      begun.completeExceptionally(failed);
    }
  }

  /** Frees all of them, also what is being loaded, for which it waits. No {@link #get} follows. */
  @Override
  public void close() {
    List<CompletableFuture<M>> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(loads.values());
      loads.clear();
    }
    for (CompletableFuture<M> load : all) {
      M model = load.exceptionally(failed -> null).join();
      if (model != null) {
        freer.accept(model);
      }
    }
    loaded.clear();
  }
}
