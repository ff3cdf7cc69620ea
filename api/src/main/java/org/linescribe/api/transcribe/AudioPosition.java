package org.linescribe.api.transcribe;

import org.linescribe.api.audio.SocketFeed;

/**
 * Where one connection's audio lies in what its client has sent in all: the client counts its bytes
 * over all its connections to the session.
 *
 * @param heldFrom the oldest byte that the client can send again
 * @param sentTo the byte after those that it has sent, as far as it knows
 * @param known how far the session has taken them
 */
record AudioPosition(long heldFrom, long sentTo, AudioPositions.Position known) {
  AudioPosition {
    if (heldFrom < 0 || sentTo < heldFrom) {
      throw new IllegalArgumentException("audio_from");
    }
  }

  /**
   * The byte with which the client is to go on. Call once, when the sources of earlier connections
   * are closed.
   *
   * @param continuesHere whether the session's last source was of this node
   */
  long begin(boolean continuesHere) {
    return continuesHere ? known.resume(heldFrom, sentTo) : known.begin(sentTo);
  }

  /** Counts what the session takes, and passes everything on. */
  SocketFeed.Watch watch(SocketFeed.Watch meters) {
    return new SocketFeed.Watch() {
      @Override
      public void paused() {
        meters.paused();
      }

      /** A sample is a byte. */
      @Override
      public void took(int samples) {
        known.took(samples);
        meters.took(samples);
      }

      @Override
      public void lost(int samples) {
        meters.lost(samples);
      }

      @Override
      public void over() {
        meters.over();
      }
    };
  }
}
