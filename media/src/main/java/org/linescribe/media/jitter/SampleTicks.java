package org.linescribe.media.jitter;

import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.TimestampExtender;

/**
 * Turns the timestamps of a source whose RTP clock is faster than the timeline's 8 kHz into ticks
 * of the timeline, modulo 2^32 as they were.
 *
 * <p>Thread: the session's event loop.
 */
public final class SampleTicks {
  private final TimestampExtender timestamps = new TimestampExtender();
  private long ssrc = -1;

  /**
   * Rewrites a packet's timestamp.
   *
   * @param ticksPerSample of its clock; 1 leaves it
   */
  public void rewrite(RtpPacket packet, int ticksPerSample) {
    if (ticksPerSample == 1) {
      return;
    }
    if (packet.ssrc() != ssrc) {
      // A stranger's packet must not move the source's.
      ssrc = packet.ssrc();
      timestamps.reset();
    }
    packet.timestamp(Math.floorDiv(timestamps.extend(packet.timestamp()), ticksPerSample));
  }
}
