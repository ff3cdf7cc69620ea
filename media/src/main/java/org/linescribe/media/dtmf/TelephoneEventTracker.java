package org.linescribe.media.dtmf;

/**
 * Reports each event of a stream once, however many packets carry it.
 *
 * <p>All packets of an event have the timestamp of its beginning, so a newer timestamp is a new
 * event; an older one is a straggler. An event of more than 65535 ticks goes on in a segment whose
 * timestamp is where the one before ended: that is no new event.
 *
 * <p>Thread: one at a time, one instance per SSRC. Source: RFC 4733 §2.5.1.3, §2.5.2.2.
 */
public final class TelephoneEventTracker {
  private boolean started;
  private long lastTimestamp;
  private int lastEvent;
  private int lastDurationTicks;

  /**
   * @param timestamp extended, of the packet that carried the event
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
            && lastDurationTicks == 0xFFFF
            && timestamp - lastTimestamp == 0xFFFF;
    started = true;
    lastTimestamp = timestamp;
    lastEvent = event.event();
    lastDurationTicks = event.durationTicks();
    return !goesOn;
  }

  /** Forgets everything, for a new or restarted source. */
  public void reset() {
    started = false;
  }
}
