package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SendQueueTest {
  private final SendQueue<String> outbox = new SendQueue<>(2);

  @Test
  void keepsOnlyTheNewestOfWhatMattersWhileItIsNew() {
    outbox.offerLatest("partial 1");
    outbox.offerLatest("partial 2");

    assertThat(outbox.poll()).isEqualTo("partial 2");
    assertThat(outbox.poll()).isNull();
    assertThat(outbox.dropped()).isEqualTo(1);
    assertThat(outbox.offered()).isEqualTo(2);
  }

  @Test
  void neverHandsOutAPartialAfterALaterFinal() {
    outbox.offerLatest("partial of 1");
    outbox.offer("final 1");
    outbox.offerLatest("partial of 2");

    assertThat(outbox.poll()).isEqualTo("final 1");
    assertThat(outbox.poll()).isEqualTo("partial of 2");
  }

  @Test
  void refusesWhatMustArriveBeyondItsBoundAndNothingElse() {
    assertThat(outbox.offer("1")).isTrue();
    assertThat(outbox.offer("2")).isTrue();
    assertThat(outbox.offer("3")).isFalse();
    outbox.offerLatest("partial");

    assertThat(outbox.poll()).isEqualTo("1");
    assertThat(outbox.poll()).isEqualTo("2");
    assertThat(outbox.poll()).isEqualTo("partial");
  }

  @Test
  void letsAWaitingCallerGoOnWhenThereIsSpace() {
    outbox.offer("1");
    outbox.offer("2");
    CompletableFuture<Boolean> waiting = offerWaiting("3");

    outbox.poll();

    assertThat(waiting.join()).isTrue();
    outbox.poll();
    assertThat(outbox.poll()).isEqualTo("3");
  }

  @Test
  void sendsAWaitingCallerAwayWhenItIsClosedAndHandsOutWhatIsOwed() {
    outbox.offer("1");
    outbox.offer("2");
    CompletableFuture<Boolean> waiting = offerWaiting("3");

    outbox.close();

    assertThat(waiting.join()).isFalse();
    assertThat(outbox.offer("4")).isFalse();
    assertThat(outbox.poll()).isEqualTo("1");
    assertThat(outbox.poll()).isEqualTo("2");
    assertThat(outbox.isEmpty()).isTrue();
  }

  private CompletableFuture<Boolean> offerWaiting(String message) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(outbox.offerWaiting(message));
              } catch (InterruptedException interrupted) {
                result.completeExceptionally(interrupted);
              }
            });
    return result;
  }
}
