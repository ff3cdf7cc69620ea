package org.linescribe.gateway.audiosocket;

import java.util.ArrayDeque;
import org.linescribe.session.SessionSource;

/**
 * What a connection brought and its session has not taken yet, in order. Silence is only counted,
 * so that there may be any length of it.
 *
 * <p>Thread: the channel's event loop.
 */
final class WaitingAudio {
  private static final short[] SILENCE = new short[8000];

  private final ArrayDeque<Stretch> stretches = new ArrayDeque<>();
  private long samples;

  /** Audio, or as much silence; and how much of it was taken. */
  private static final class Stretch {
    final short[] pcm;
    long left;

    Stretch(short[] pcm, long left) {
      this.pcm = pcm;
      this.left = left;
    }

    boolean isSilence() {
      return pcm == SILENCE;
    }

    int offset() {
      return isSilence() ? 0 : pcm.length - (int) left;
    }
  }

  boolean isEmpty() {
    return stretches.isEmpty();
  }

  long samples() {
    return samples;
  }

  /** Takes ownership of the array. */
  void audio(short[] pcm) {
    if (pcm.length > 0) {
      stretches.add(new Stretch(pcm, pcm.length));
      samples += pcm.length;
    }
  }

  void silence(int more) {
    Stretch last = stretches.peekLast();
    if (last != null && last.isSilence()) {
      last.left += more;
    } else if (more > 0) {
      stretches.add(new Stretch(SILENCE, more));
    }
    samples += more;
  }

  /** Writes to a leg of the session what that takes now. */
  void handOn(SessionSource to, int leg) {
    for (Stretch first = stretches.peek(); first != null; first = stretches.peek()) {
      int offered = (int) Math.min(first.left, first.pcm.length);
      int taken = to.write(leg, first.pcm, first.offset(), offered);
      first.left -= taken;
      samples -= taken;
      if (taken < offered) {
        return;
      }
      if (first.left == 0) {
        stretches.remove();
      }
    }
  }

  /**
   * Forgets it.
   *
   * @return how many samples that were
   */
  long drop() {
    long dropped = samples;
    stretches.clear();
    samples = 0;
    return dropped;
  }
}
