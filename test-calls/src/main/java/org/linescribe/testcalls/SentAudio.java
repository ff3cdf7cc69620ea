package org.linescribe.testcalls;

import java.util.Arrays;

/** What was sent of a recording, and when. Thread: the call's. */
public final class SentAudio {
  private final long[] sentNs;
  private int frames;
  private int received;
  private boolean endedByPeer;

  SentAudio(int frames) {
    sentNs = new long[frames];
  }

  void frameSent(long nowNs) {
    sentNs[frames++] = nowNs;
  }

  void received(int packets) {
    received += packets;
  }

  void endedByPeer() {
    endedByPeer = true;
  }

  /** Frames (RTP packets or WebSocket messages) that were sent. */
  public int frames() {
    return frames;
  }

  /** RTP packets that came back. */
  public int received() {
    return received;
  }

  /** Whether the peer ended the call before the recording was over. */
  public boolean isEndedByPeer() {
    return endedByPeer;
  }

  /**
   * When the frame that holds this sample left, in the clock's nanoseconds; the end of time where
   * it was never sent.
   */
  long sentNs(int sample) {
    int frame = sample / CallAudio.FRAME_BYTES;
    return frame < frames ? sentNs[frame] : Long.MAX_VALUE;
  }

  /**
   * The longest time between two frames, in nanoseconds: what the machine's pauses did to the
   * pacing.
   */
  public long longestGapNs() {
    long longest = 0;
    for (int i = 1; i < frames; i++) {
      longest = Math.max(longest, sentNs[i] - sentNs[i - 1]);
    }
    return longest;
  }

  @Override
  public String toString() {
    return "SentAudio[frames=" + frames + ", of " + Arrays.stream(sentNs).count() + "]";
  }
}
