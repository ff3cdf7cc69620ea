package org.linescribe.gateway.rtp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.jitter.PayloadKind;
import org.linescribe.media.jitter.PayloadMap;
import org.linescribe.media.jitter.SampleTicks;
import org.linescribe.media.rtp.RtpPacket;

/**
 * What the payload types of received packets mean, as offers and answers said, and their timestamps
 * in ticks of the timeline.
 *
 * <p>A type keeps its meaning when a later exchange chooses another: the peer sends by the former
 * one until our answer reaches it (RFC 3264 §8.3.2).
 *
 * <p>Thread: the session's event loop.
 */
final class PayloadTypes {
  private final Map<Integer, PayloadKind> kinds =
      new HashMap<>(
          Map.of(
              AudioCodec.PCMU.payloadType(),
              PayloadKind.PCMU,
              AudioCodec.PCMA.payloadType(),
              PayloadKind.PCMA,
              PayloadMap.COMFORT_NOISE_PAYLOAD_TYPE,
              PayloadKind.COMFORT_NOISE));

  private final SampleTicks ticks = new SampleTicks();
  private PayloadMap map = new PayloadMap(kinds);

  /** Events go by the clock of the codec that was agreed on. */
  private int eventTicksPerSample = 1;

  void offered(List<CodecChoice> codecs, int telephoneEventPayloadType) {
    codecs.stream()
        .flatMap(choice -> choice.codecs().stream())
        .forEach(codec -> kinds.put(codec.payloadType(), PayloadKind.of(codec)));
    kinds.put(telephoneEventPayloadType, PayloadKind.TELEPHONE_EVENT);
    map = new PayloadMap(kinds);
  }

  void negotiated(NegotiatedMedia agreed) {
    agreed.telephoneEvent().ifPresent(type -> kinds.put(type, PayloadKind.TELEPHONE_EVENT));
    // A peer that gives both one type is heard.
    kinds.put(agreed.payloadType(), PayloadKind.of(agreed.codec()));
    map = new PayloadMap(kinds);
    eventTicksPerSample = agreed.codec().ticksPerSample();
  }

  /** Types that no description tells. */
  void agreed(AudioCodec codec, List<Integer> payloadTypes) {
    payloadTypes.forEach(type -> kinds.put(type, PayloadKind.of(codec)));
  }

  /** What the types mean now. */
  PayloadMap map() {
    return map;
  }

  /** Ticks of a packet's RTP clock for each sample at 8 kHz. */
  int ticksPerSample(PayloadKind kind) {
    AudioCodec codec = kind.codec();
    int silentTicksPerSample = kind == PayloadKind.TELEPHONE_EVENT ? eventTicksPerSample : 1;
    return codec == null ? silentTicksPerSample : codec.ticksPerSample();
  }

  /**
   * Rewrites a packet's timestamp to samples at 8 kHz. Only of a packet of the peer: the timestamps
   * of those before it decide.
   */
  void rewrite(RtpPacket packet, PayloadKind kind) {
    ticks.rewrite(packet, ticksPerSample(kind));
  }
}
