package org.linescribe.session.pipeline;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The flush that was asked for and has not begun. It serves everyone who asks until it does: a
 * door's flood of requests is one.
 *
 * <p>Thread: any.
 */
final class ComingFlush {
  private final AtomicReference<@Nullable CompletableFuture<@Nullable Void>> coming =
      new AtomicReference<>();

  /** The coming one, which is {@code asked} itself when there was none. */
  CompletableFuture<@Nullable Void> or(CompletableFuture<@Nullable Void> asked) {
    return coming.updateAndGet(present -> present == null ? asked : present);
  }

  void begun(Note.Flush flush) {
    coming.compareAndSet(flush.done(), null);
  }
}
