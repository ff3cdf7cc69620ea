package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;

class MailboxTest {
  private final AtomicInteger coalesced = new AtomicInteger();
  private final Mailbox mailbox = new Mailbox(2, coalesced::incrementAndGet);

  @Test
  void onlyTheNewestHypothesisOfALegWaits() throws Exception {
    mailbox.post(revised(0, 1, "a"));
    mailbox.post(revised(1, 1, "other leg"));
    mailbox.post(revised(0, 1, "a b"));

    assertThat(mailbox.take()).isEqualTo(revised(0, 1, "a b"));
    assertThat(mailbox.take()).isEqualTo(revised(1, 1, "other leg"));
    assertThat(coalesced).hasValue(1);
  }

  @Test
  void finalComesBeforeTheNextUtterancesHypothesisAndTakesThePlaceOfItsOwn() throws Exception {
    mailbox.post(revised(0, 1, "a"));
    mailbox.post(new Note.Completed(0, 1, hypothesis("a b"), 100));
    mailbox.post(revised(0, 1, "c"));

    assertThat(mailbox.take()).isEqualTo(new Note.Completed(0, 1, hypothesis("a b"), 100));
    assertThat(mailbox.take()).isEqualTo(revised(0, 1, "c"));
  }

  @Test
  void lateWordsOfAReplacedRecogniserDoNotHideItsFollowers() throws Exception {
    mailbox.post(revised(0, 2, "new"));
    mailbox.post(revised(0, 1, "late"));
    Note.Failed late = new Note.Failed(0, 1, new RecogniserException("late"));
    mailbox.post(late);

    assertThat(mailbox.take()).isEqualTo(late);
    assertThat(mailbox.take()).isEqualTo(revised(0, 2, "new"));
  }

  @Test
  void overdueEndsWaitOnceAndBeforeAllElse() throws Exception {
    Note.Flush flush = new Note.Flush(new CompletableFuture<>());
    mailbox.post(flush);
    for (int tick = 0; tick < 1000; tick++) {
      mailbox.post(new Note.Overdue());
    }

    assertThat(mailbox.take()).isEqualTo(new Note.Overdue());
    assertThat(mailbox.take()).isSameAs(flush);
    assertThat(mailbox.isCrowded()).isFalse();
  }

  @Test
  void crowdThinsOnlyAsTheWriterTakesOrItWouldNotResumeWhoWasRefused() throws Exception {
    for (int i = 0; i < 128; i++) {
      mailbox.post(new Note.Writable(0));
    }
    mailbox.take();

    mailbox.post(revised(0, 1, "a"));

    assertThat(mailbox.isCrowded()).isTrue();
    for (int i = 0; i < 64; i++) {
      mailbox.take();
    }
    assertThat(mailbox.isCrowded()).isFalse();
  }

  private static Note.Revised revised(int leg, int generation, String text) {
    return new Note.Revised(leg, generation, hypothesis(text));
  }

  private static Hypothesis hypothesis(String text) {
    return new Hypothesis(text, List.of(), 0, 100);
  }
}
