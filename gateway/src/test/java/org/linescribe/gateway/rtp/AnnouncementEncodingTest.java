package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.media.codec.AudioCodec;

class AnnouncementEncodingTest {
  @Test
  void aFailureEndsOneCallAndTheNextTriesAgain() {
    AtomicInteger tries = new AtomicInteger();
    Announcement announcement =
        new Announcement(
            new short[160],
            codec -> {
              if (tries.getAndIncrement() == 0) {
                throw new IllegalStateException("the first fails");
              }
              return codec.newEncoder();
            });

    await()
        .until(
            () ->
                catchThrowable(() -> announcement.payload(AudioCodec.PCMU, 0, 160))
                    instanceof CompletionException);
    await().until(() -> announcement.payload(AudioCodec.PCMU, 0, 160).isPresent());

    assertThat(tries).hasValue(2);
  }
}
