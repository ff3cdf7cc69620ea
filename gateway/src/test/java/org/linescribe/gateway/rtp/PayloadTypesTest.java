package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.sdp.MediaDirection;
import org.linescribe.gateway.sdp.MediaProtection;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.jitter.PayloadKind;
import org.linescribe.media.rtp.RtpPacket;

class PayloadTypesTest {
  private final PayloadTypes types = new PayloadTypes();

  private static NegotiatedMedia media(AudioCodec codec, int payloadType, OptionalInt events) {
    return new NegotiatedMedia(
        codec,
        payloadType,
        events,
        "192.0.2.1",
        4000,
        "192.0.2.1",
        4001,
        false,
        MediaDirection.SENDRECV,
        false,
        Duration.ofMillis(20),
        new MediaProtection.Plain(),
        Optional.empty());
  }

  private PayloadKind kind(int payloadType) {
    return types.map().kind(payloadType);
  }

  /** Packets of the former codec are on their way when a re-INVITE changes it. */
  @Test
  void keepsTheMeaningOfATypeThatALaterExchangeDoesNotName() {
    types.negotiated(media(AudioCodec.G722, 96, OptionalInt.of(100)));
    types.negotiated(media(AudioCodec.OPUS, 97, OptionalInt.empty()));

    assertThat(kind(96)).isEqualTo(PayloadKind.G722);
    assertThat(kind(97)).isEqualTo(PayloadKind.OPUS);
    assertThat(kind(100)).isEqualTo(PayloadKind.TELEPHONE_EVENT);
    assertThat(kind(98)).isEqualTo(PayloadKind.UNKNOWN);
  }

  @Test
  void takesTheNewestMeaningOfAType() {
    types.offered(List.of(CodecChoice.OPUS), 101);
    assertThat(kind(111)).isEqualTo(PayloadKind.OPUS);
    assertThat(kind(0)).isEqualTo(PayloadKind.PCMU);

    types.negotiated(media(AudioCodec.PCMA, 111, OptionalInt.empty()));

    assertThat(kind(111)).isEqualTo(PayloadKind.PCMA);
  }

  @Test
  void aTypeThatIsGivenToAudioAndEventsIsAudio() {
    types.agreed(AudioCodec.L16_WIDEBAND, List.of(101));
    types.negotiated(media(AudioCodec.L16_WIDEBAND, 101, OptionalInt.of(101)));

    assertThat(kind(101)).isEqualTo(PayloadKind.L16_WIDEBAND);
  }

  @Test
  void eventsGoByTheClockOfTheAgreedCodec() {
    assertThat(rewritten(PayloadKind.TELEPHONE_EVENT, 960)).isEqualTo(960);

    types.negotiated(media(AudioCodec.OPUS, 111, OptionalInt.of(101)));

    assertThat(rewritten(PayloadKind.OPUS, 960)).isEqualTo(160);
    assertThat(rewritten(PayloadKind.TELEPHONE_EVENT, 1920)).isEqualTo(320);
    assertThat(rewritten(PayloadKind.PCMU, 1920)).isEqualTo(1920);
  }

  private long rewritten(PayloadKind kind, long timestamp) {
    ByteBuf datagram = Unpooled.buffer();
    RtpPacket.write(datagram, false, 0, 1, timestamp, 7, new byte[1], 0, 1);
    RtpPacket packet = new RtpPacket();
    packet.parse(datagram);
    types.rewrite(packet, kind);
    return packet.timestamp();
  }
}
