package org.linescribe.testcalls;

import java.util.Arrays;

/** Send times of a recording's frames. Thread: the call's. */
public final class SentAudio {
  private final long[] sentNs;
  private int frames;
  private int received;
  private boolean endedByPeer;

  SentAudio(int frames) {
    sentNs = new long[frames];
  }

  /**
   * @param atNs the time just before the frame was sent: no answer to it comes earlier
   */
  void frameSent(long atNs) {
    sentNs[frames++] = atNs;
  }

  void received(int packets) {
    received += packets;
  }

  void endedByPeer() {
    endedByPeer = true;
  }

  /** Frames sent, as RTP packets or WebSocket messages. */
  public int frames() {
    return frames;
  }

  /** Datagrams received from the peer. */
  public int received() {
    return received;
  }

  /** Whether the peer ended the call before the end of the recording. */
  public boolean isEndedByPeer() {
    return endedByPeer;
  }

  /**
   * Send time of the frame that holds this sample, in the clock's nanoseconds; Long.MAX_VALUE if it
   * was never sent.
   */
  long sentNs(int sample) {
    int frame = sample / CallAudio.FRAME_BYTES;
    return frame < frames ? sentNs[frame] : Long.MAX_VALUE;
  }

  /** The longest time between two frames, in nanoseconds: a measure of the machine's stalls. */
  public long longestGapNs() {
    long longest = 0;
    for (int i = 1; i < frames; i++) {
      longest = Math.max(longest, sentNs[i] - sentNs[i - 1]);
    }
    return longest;
  }

  /** Frames that went out more than 20 ms after their time, which the first one sets. */
  public int lateFrames() {
    int late = 0;
    for (int i = 1; i < frames; i++) {
      if (sentNs[i] - sentNs[0] - i * FramePacer.FRAME_NS > FramePacer.FRAME_NS) {
        late++;
      }
    }
    return late;
  }

  @Override
  public String toString() {
    return "SentAudio[frames=" + frames + ", of " + Arrays.stream(sentNs).count() + "]";
  }
}
