package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;

class DecodeQueueTest {
  private static final int RATE = 16_000;

  private final Semaphore pass = new Semaphore(0);
  private final List<Long> begun = new CopyOnWriteArrayList<>();
  private final AtomicInteger speaking = new AtomicInteger(1);
  private final DecodeQueue queue =
      new DecodeQueue(new Held(), null, 1, Duration.ofMillis(300), speaking::get, System::nanoTime);

  @AfterEach
  void close() {
    pass.release(1000);
    queue.close();
    assertThat(queue.awaitIdle(Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void takesFinalsFirstAndThenThePartialOfWhoWasServedLongestAgo() {
    Stream a = new Stream();
    Stream b = new Stream();
    queue.submit(decoding(a, 1), false);
    await().until(() -> begun.equals(List.of(1L)));
    queue.submit(decoding(a, 2), false);
    queue.submit(decoding(b, 3), false);
    queue.submit(decoding(a, 4), true);
    queue.submit(decoding(b, 5), true);

    pass.release(5);

    await().until(() -> begun.size() == 5);
    assertThat(begun).containsExactly(1L, 4L, 5L, 3L, 2L);
  }

  @Test
  void aNewerPartialTakesThePlaceOfOneThatHasNotBegun() {
    Stream a = new Stream();
    Stream b = new Stream();
    queue.submit(decoding(b, 1), false);
    await().until(() -> begun.size() == 1);
    queue.submit(decoding(a, 2), false);
    queue.submit(decoding(a, 3), false);

    pass.release(5);

    await().until(() -> a.told.get() == 1);
    assertThat(begun).containsExactly(1L, 3L);
  }

  @Test
  void aPartialThatBecomesTheFinalGoesBeforeOthers() {
    Stream a = new Stream();
    Stream b = new Stream();
    queue.submit(decoding(a, 1), true);
    await().until(() -> begun.size() == 1);
    Decoding promoted = decoding(b, 3);
    queue.submit(decoding(a, 2), false);
    queue.submit(promoted, false);
    queue.promote(promoted);

    pass.release(5);

    await().until(() -> begun.size() == 3);
    assertThat(begun).containsExactly(1L, 3L, 2L);
  }

  /** It will be the final, unless more is said. */
  @Test
  void whatWasSaidBeforeAPauseGoesBeforeOtherPartials() {
    Stream a = new Stream();
    Stream b = new Stream();
    Stream c = new Stream();
    queue.submit(decoding(a, 1), true);
    await().until(() -> begun.size() == 1);
    queue.submit(decoding(a, 2), false);
    Decoding atPause = decoding(b, 3);
    atPause.isAtPause = true;
    queue.submit(atPause, false);
    queue.submit(decoding(c, 4), true);

    assertThat(queue.partialIntervalNs()).isEqualTo(Long.MAX_VALUE);
    pass.release(5);

    await().until(() -> begun.size() == 4);
    assertThat(begun).containsExactly(1L, 4L, 3L, 2L);
  }

  @Test
  void howManyMoreStreamsHaveTimeIsLearntFromThoseThatAreOpen() {
    assertThat(new DecodeQueue.Load(0, 0.35).moreStreams(10)).hasValue(10);
    assertThat(new DecodeQueue.Load(0, 0.6).moreStreams(10)).hasValue(1);
    assertThat(new DecodeQueue.Load(0, 0.8).moreStreams(10)).hasValue(0);
    assertThat(new DecodeQueue.Load(0, 0).moreStreams(10)).isEmpty();
    assertThat(new DecodeQueue.Load(0, 0.3).moreStreams(0)).isEmpty();
  }

  /**
   * They mostly become finals; uncounted, they would take every thread of a node that admits more.
   */
  @Test
  void whatWasDecodedAtAPauseCountsAsFinalsOnce() {
    Stream a = new Stream();
    Decoding atPause = decoding(a, 1);
    atPause.isAtPause = true;
    pass.release(5);
    queue.submit(atPause, false);
    await().until(() -> a.told.get() == 1);
    double share = queue.load().finalShare();
    assertThat(share).isPositive();

    queue.promote(atPause);

    assertThat(queue.load().finalShare()).isLessThanOrEqualTo(share);
  }

  @Test
  void aPartialThatCoversAllGoesBeforeOthersWhenAPauseBegins() {
    Stream a = new Stream();
    Stream b = new Stream();
    queue.submit(decoding(a, 1), true);
    await().until(() -> begun.size() == 1);
    queue.submit(decoding(a, 2), false);
    Decoding waiting = decoding(b, 3);
    queue.submit(waiting, false);

    queue.hasten(waiting);
    pass.release(5);

    await().until(() -> begun.size() == 3);
    assertThat(begun).containsExactly(1L, 3L, 2L);
  }

  /** A split is up to seven decodings of seconds; each of them alone delays a final. */
  @Test
  void aFinalPassesBetweenTheTriesOfASplit() {
    Decoding split = new Decoding(new Stream(), 0, 6 * RATE, 1, new float[6 * RATE], RATE);
    split.toSplit = SplitRequest.ofFull(null, 6, 0);
    queue.submit(split, true);
    await().until(() -> begun.equals(List.of(1L)));
    Stream waiting = new Stream();
    queue.submit(decoding(waiting, 2), true);

    pass.release(2);

    await().until(() -> waiting.told.get() == 1);
    assertThat(begun.subList(0, 2)).containsExactly(1L, 2L);
    assertThat(split.isDone()).isFalse();
    pass.release(1000);
    await().until(split::isDone);
    assertThat(split.split()).isNotNull();
  }

  @Test
  void withdrawsWhatAPauseAskedForUnlessItHasBegun() {
    Decoding begunAlready = decoding(new Stream(), 1);
    begunAlready.isAtPause = true;
    queue.submit(begunAlready, false);
    await().until(() -> begun.size() == 1);
    Decoding waiting = decoding(new Stream(), 2);
    waiting.isAtPause = true;
    queue.submit(waiting, false);

    assertThat(queue.withdraw(begunAlready)).isFalse();
    assertThat(queue.withdraw(waiting)).isTrue();
    assertThat(queue.withdraw(waiting)).isFalse();
  }

  @Test
  void givesNoPartialWhileAFinalWaits() {
    assertThat(queue.partialIntervalNs()).isEqualTo(Duration.ofMillis(300).toNanos());
    Stream a = new Stream();
    queue.submit(decoding(a, 1), true);
    await().until(() -> begun.size() == 1);
    queue.submit(decoding(a, 2), true);

    assertThat(queue.partialIntervalNs()).isEqualTo(Long.MAX_VALUE);
    pass.release(5);
    await().until(() -> a.told.get() == 2);
    assertThat(queue.load().lagMs()).isZero();
  }

  @Test
  void whatWaitsFailsWhenItIsClosed() {
    Stream a = new Stream();
    queue.submit(decoding(a, 1), true);
    await().until(() -> begun.size() == 1);
    Decoding waiting = decoding(a, 2);
    queue.submit(waiting, true);

    queue.close();

    assertThat(waiting.failure()).hasMessageContaining("closed");
    Decoding late = decoding(a, 3);
    queue.submit(late, true);
    assertThat(late.failure()).hasMessageContaining("closed");
  }

  private static Decoding decoding(Stream owner, long number) {
    return new Decoding(owner, 0, RATE, number, new float[RATE], RATE);
  }

  private static final class Stream implements Decoding.Owner {
    final AtomicInteger told = new AtomicInteger();

    @Override
    public void decoded() {
      told.incrementAndGet();
    }

    @Override
    public boolean isGone() {
      return false;
    }
  }

  private final class Held extends UntimedDecoder {
    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      begun.add(startMs);
      pass.acquireUninterruptibly();
      return Hypothesis.empty(startMs);
    }
  }
}
