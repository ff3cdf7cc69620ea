package org.linescribe.session.leg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;

class SourceMessageQueueTest {
  private final AtomicInteger coalesced = new AtomicInteger();
  private final SourceMessageQueue queue = new SourceMessageQueue(2, coalesced::incrementAndGet);

  @Test
  void onlyTheNewestHypothesisOfALegWaits() throws Exception {
    queue.post(revised(0, 1, "a"));
    queue.post(revised(1, 1, "other leg"));
    queue.post(revised(0, 1, "a b"));

    assertThat(queue.take()).isEqualTo(revised(0, 1, "a b"));
    assertThat(queue.take()).isEqualTo(revised(1, 1, "other leg"));
    assertThat(coalesced).hasValue(1);
  }

  @Test
  void finalComesBeforeTheNextUtterancesHypothesisAndTakesThePlaceOfItsOwn() throws Exception {
    queue.post(revised(0, 1, "a"));
    queue.post(new SourceMessage.Completed(0, 1, hypothesis("a b"), 100));
    queue.post(revised(0, 1, "c"));

    assertThat(queue.take()).isEqualTo(new SourceMessage.Completed(0, 1, hypothesis("a b"), 100));
    assertThat(queue.take()).isEqualTo(revised(0, 1, "c"));
  }

  @Test
  void lateWordsOfAReplacedRecogniserDoNotHideItsFollowers() throws Exception {
    queue.post(revised(0, 2, "new"));
    queue.post(revised(0, 1, "late"));
    SourceMessage.Failed late = new SourceMessage.Failed(0, 1, new RecogniserException("late"));
    queue.post(late);

    assertThat(queue.take()).isEqualTo(late);
    assertThat(queue.take()).isEqualTo(revised(0, 2, "new"));
  }

  @Test
  void overdueEndsWaitOnceAndBeforeAllElse() throws Exception {
    SourceMessage.Flush flush = new SourceMessage.Flush(new CompletableFuture<>());
    queue.post(flush);
    for (int tick = 0; tick < 1000; tick++) {
      queue.post(new SourceMessage.Overdue());
    }

    assertThat(queue.take()).isEqualTo(new SourceMessage.Overdue());
    assertThat(queue.take()).isSameAs(flush);
    assertThat(queue.isCrowded()).isFalse();
  }

  @Test
  void crowdThinsOnlyAsTheWriterTakesOrItWouldNotResumeWhoWasRefused() throws Exception {
    for (int i = 0; i < 128; i++) {
      queue.post(new SourceMessage.Writable(0));
    }
    queue.take();

    queue.post(revised(0, 1, "a"));

    assertThat(queue.isCrowded()).isTrue();
    for (int i = 0; i < 64; i++) {
      queue.take();
    }
    assertThat(queue.isCrowded()).isFalse();
  }

  private static SourceMessage.Revised revised(int leg, int generation, String text) {
    return new SourceMessage.Revised(leg, generation, hypothesis(text));
  }

  private static Hypothesis hypothesis(String text) {
    return new Hypothesis(text, List.of(), 0, 100);
  }
}
