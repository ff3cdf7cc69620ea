package org.linescribe.media.jitter;

import java.util.Arrays;
import org.linescribe.media.rtp.RtpPacket;

/** One packet as it waits: its header's numbers and, of audio, its payload. Reused for ever. */
final class Slot {
  PayloadKind kind = PayloadKind.UNKNOWN;
  boolean marker;
  long ssrc;
  int sequenceNumber;
  long timestamp;
  long arrivalNs;

  /** Set when the packet was accepted: its place in the sequence and on the timeline. */
  long extendedSequenceNumber;

  long position;

  byte[] payload = {};
  int length;

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
  }

  boolean isAudio() {
    return kind == PayloadKind.PCMU || kind == PayloadKind.PCMA;
  }

  /** Time that the packet takes. */
  int samples() {
    return isAudio() ? length : 0;
  }

  /** Whether its timestamp is a place on the timeline, and not an event's beginning or unknown. */
  boolean isTimed() {
    return isAudio() || kind == PayloadKind.COMFORT_NOISE;
  }
}
