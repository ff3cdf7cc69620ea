package org.linescribe.media.jitter;

import java.util.Arrays;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.rtp.RtpPacket;

/** A waiting packet: its header's fields and, of audio and events, its payload. Reused. */
final class Slot {
  PayloadKind kind = PayloadKind.UNKNOWN;
  boolean marker;
  long ssrc;
  int sequenceNumber;
  long timestamp;
  long arrivalNs;

  /** Set when the packet is queued: its number in the sequence, its position on the timeline. */
  long extendedSequenceNumber;

  long position;

  byte[] payload = {};
  int length;
  private int samples;

  void take(RtpPacket packet, PayloadKind payloadKind, long nowNs) {
    kind = payloadKind;
    marker = packet.marker();
    ssrc = packet.ssrc();
    sequenceNumber = packet.sequenceNumber();
    timestamp = packet.timestamp();
    arrivalNs = nowNs;
    length = 0;
    if (isAudio() || kind == PayloadKind.TELEPHONE_EVENT) {
      if (payload.length < packet.payloadBytes()) {
        payload = Arrays.copyOf(payload, Math.max(160, packet.payloadBytes()));
      }
      length = packet.copyPayload(payload, 0);
    }
    AudioCodec codec = kind.codec();
    samples = codec == null ? 0 : codec.samples(payload, 0, length);
  }

  /** By how much another packet's number is ahead of this one's. */
  int numbersTo(Slot other) {
    return (short) (other.sequenceNumber - sequenceNumber);
  }

  /** Whether the timestamps of two packets may be of one talk. */
  boolean isNear(Slot other) {
    return Math.abs((long) (int) (other.timestamp - timestamp)) <= JitterBuffer.JUMP_SAMPLES;
  }

  boolean isAudio() {
    return kind.codec() != null;
  }

  /** Time that the packet takes. */
  int samples() {
    return samples;
  }

  /** Whether its timestamp is a position on the timeline, not an event's beginning or unknown. */
  boolean isTimed() {
    return isAudio() || kind == PayloadKind.COMFORT_NOISE;
  }
}
