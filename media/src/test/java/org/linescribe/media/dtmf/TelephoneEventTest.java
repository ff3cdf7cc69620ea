package org.linescribe.media.dtmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TelephoneEventTest {
  @Test
  void readsAPressedKey() {
    TelephoneEvent event =
        TelephoneEvent.parse(Unpooled.wrappedBuffer(new byte[] {11, (byte) 0x8A, 3, 32}))
            .orElseThrow();

    assertThat(event).isEqualTo(new TelephoneEvent(11, true, 10, 800));
    assertThat(event.digit()).contains('#');
  }

  @Test
  void ignoresTheReservedBitAndWhatFollows() {
    assertThat(TelephoneEvent.parse(Unpooled.wrappedBuffer(new byte[] {1, 0x4A, 0, 1, 9, 9, 9, 9})))
        .contains(new TelephoneEvent(1, false, 10, 1));
  }

  @Test
  void namesSixteenDigitsAndNoMore() {
    StringBuilder digits = new StringBuilder();
    for (int event = 0; event < 256; event++) {
      new TelephoneEvent(event, false, 0, 0).digit().ifPresent(digits::append);
    }
    assertThat(digits.toString()).isEqualTo("0123456789*#ABCD");
  }

  @Test
  void neverThrowsOnBytesFromTheWireAndWritesThemBack() {
    long seed = 4733;
    Random random = new Random(seed);
    for (int round = 0; round < 100_000; round++) {
      byte[] noise = new byte[random.nextInt(9)];
      random.nextBytes(noise);
      var event = TelephoneEvent.parse(Unpooled.wrappedBuffer(noise));
      assertThat(event.isPresent()).as("seed %d", seed).isEqualTo(noise.length >= 4);
      if (event.isPresent()) {
        noise[1] &= (byte) 0xBF;
        ByteBuf dst = Unpooled.buffer();
        event.get().writeTo(dst);
        assertThat(ByteBufUtil.hexDump(dst))
            .as("seed %d", seed)
            .isEqualTo(ByteBufUtil.hexDump(noise, 0, 4));
      }
    }
  }

  @Test
  void refusesFieldsThatDoNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TelephoneEvent(256, false, 0, 0))
        .withMessage("event: 256 (expected: 0..255)");
    assertThatIllegalArgumentException().isThrownBy(() -> new TelephoneEvent(1, false, 64, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new TelephoneEvent(1, false, 0, 65_536));
  }

  @Test
  void eachEventIsNewOnce() {
    TelephoneEventTracker tracker = new TelephoneEventTracker();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 160), 1000)).isTrue();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 320), 1000)).isFalse();
    assertThat(tracker.isNew(new TelephoneEvent(5, true, 10, 400), 1000)).isFalse();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 160), 2000)).isTrue();
    assertThat(tracker.isNew(new TelephoneEvent(5, true, 10, 400), 1000)).isFalse();
  }

  @Test
  void aLongEventsSegmentsAreOneEvent() {
    TelephoneEventTracker tracker = new TelephoneEventTracker();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 160), 1000)).isTrue();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 0xFFFF), 1000)).isFalse();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 160), 1000 + 0xFFFF)).isFalse();
    assertThat(tracker.isNew(new TelephoneEvent(6, false, 10, 160), 1000 + 2 * 0xFFFF)).isTrue();
    tracker.reset();
    assertThat(tracker.isNew(new TelephoneEvent(6, false, 10, 160), 5)).isTrue();
  }

  /** 65535 ticks at 48 kHz are 10922.5 samples of the timeline. */
  @Test
  void aKeyThatIsHeldInAnOpusCallIsOneEvent() {
    TelephoneEventTracker tracker = new TelephoneEventTracker();
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 960), 0)).isTrue();
    for (int segment = 1; segment <= 6; segment++) {
      long before = (segment - 1) * 0xFFFFL / 6;
      assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 0xFFFF), before)).isFalse();
      assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 960), segment * 0xFFFFL / 6))
          .isFalse();
    }
    assertThat(tracker.isNew(new TelephoneEvent(5, false, 10, 960), 2 * 0xFFFF)).isTrue();
  }
}
