package org.linescribe.session.pipeline;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;

/** A listener that blocks the session's writer in its first event until a test releases it. */
final class BlockingListener implements SourceListener {
  final CapturingListener received = new CapturingListener();
  final AtomicInteger writable = new AtomicInteger();
  final List<TranscriptEvent> begun = new CopyOnWriteArrayList<>();
  private final CountDownLatch hold = new CountDownLatch(1);

  void letGo() {
    hold.countDown();
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    begun.add(event);
    try {
      hold.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    received.onEvent(event);
  }

  @Override
  public void onWritable() {
    writable.incrementAndGet();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    received.onClosed(reason);
  }
}
