package org.linescribe.media.dtmf;

import org.linescribe.media.codec.AudioCodec;

/**
 * Reports each event of a stream once, however many packets carry it.
 *
 * <p>All packets of an event have the timestamp of its beginning, so a newer timestamp is a new
 * event; an older one is a straggler. An event of more than {@value #MAX_TICKS} ticks of its clock,
 * 8 s at 8 kHz and 1.4 s at Opus's 48 kHz, goes on in a segment whose timestamp is where the one
 * before ended: that is no new event.
 *
 * <p>Thread: one at a time, one instance per SSRC. Source: RFC 4733 §2.5.1.3, §2.5.2.2.
 */
public final class TelephoneEventTracker {
  private static final int MAX_TICKS = 0xFFFF;

  /** The same in samples of the timeline, rounded down. */
  private static final int MAX_OPUS_SAMPLES = MAX_TICKS / AudioCodec.OPUS.ticksPerSample();

  private boolean started;
  private long lastTimestamp;
  private int lastEvent;
  private int lastDurationTicks;

  /**
   * @param timestamp extended, in samples at 8 kHz, of the packet that carried the event
   * @return whether the event was not seen before
   */
  public boolean isNew(TelephoneEvent event, long timestamp) {
    if (started && timestamp <= lastTimestamp) {
      if (timestamp == lastTimestamp) {
        lastDurationTicks = Math.max(lastDurationTicks, event.durationTicks());
      }
      return false;
    }
    boolean goesOn =
        started
            && event.event() == lastEvent
            && lastDurationTicks == MAX_TICKS
            && isSegment(timestamp - lastTimestamp);
    started = true;
    lastTimestamp = timestamp;
    lastEvent = event.event();
    lastDurationTicks = event.durationTicks();
    return !goesOn;
  }

  private static boolean isSegment(long samples) {
    return samples == MAX_TICKS || samples == MAX_OPUS_SAMPLES || samples == MAX_OPUS_SAMPLES + 1;
  }

  /** Forgets everything, for a new or restarted source. */
  public void reset() {
    started = false;
  }
}
