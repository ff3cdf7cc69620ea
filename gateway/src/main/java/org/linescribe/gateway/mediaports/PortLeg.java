package org.linescribe.gateway.mediaports;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.LegWriter;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.rtp.RtpSessionListener;
import org.linescribe.gateway.rtp.RtpSummary;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.session.SessionSource;
import org.linescribe.session.calls.LegQuality;

/**
 * The audio of one port. The leg's timeline begins with the session's first audio, at whichever of
 * its ports that comes; what comes while the session opens waits here.
 *
 * <p>Thread: the session's event loop.
 */
final class PortLeg implements RtpSessionListener {
  /** 10 s; what comes later while the session opens becomes silence. */
  private static final int MAX_WAITING_SAMPLES = 80_000;

  private final MediaPortSource source;
  private final LegWriter writer;
  private final MediaPortMeters meters;
  private @Nullable RtpSession rtp;
  private short[] waiting = {};
  private int waitingSamples;
  private int lostSamples;
  private boolean attached;
  private boolean paused;

  PortLeg(MediaPortSource source, int leg, MediaPortMeters meters) {
    this.source = source;
    this.meters = meters;
    this.writer = new LegWriter(leg, meters.refusedSamples);
  }

  void bound(RtpSession session) {
    rtp = session;
  }

  RtpSession rtp() {
    RtpSession session = rtp;
    if (session == null) {
      throw new IllegalStateException("not bound");
    }
    return session;
  }

  /** Delivers what waits, and from now on what comes. */
  void attach(SessionSource opened) {
    attached = true;
    writer.attach(opened);
    writer.audio(waiting, waitingSamples);
    writer.silence(lostSamples);
    meters.refusedSamples.increment(lostSamples);
    waiting = new short[0];
  }

  /** Its audio counts as silence, or is delivered again; what was said in between is not. */
  void pause(boolean on) {
    paused = on;
    if (on) {
      rtp().forgetHeard();
    } else {
      rtp().omitEarlier();
    }
  }

  LegQuality quality(String name, String codec, long backlogMs) {
    RtpSummary summary = rtp().summary();
    return new LegQuality(
        name,
        codec,
        summary.received(),
        summary.lost(),
        summary.late(),
        summary.duplicate(),
        summary.jitterMs(),
        backlogMs);
  }

  /** Flushes the jitter buffer and closes the port. */
  void close() {
    RtpSession session = rtp;
    if (session != null) {
      session.close();
    }
    writer.deliverSilence();
  }

  @Override
  public void onAudio(short[] pcm, int samples) {
    source.audioCame();
    if (paused) {
      onSilence(samples);
    } else if (attached) {
      writer.audio(pcm, samples);
    } else {
      keep(pcm, samples);
    }
  }

  @Override
  public void onSilence(int samples) {
    if (attached) {
      writer.silence(samples);
    } else if (source.isOpening()) {
      keep(new short[Math.min(samples, MAX_WAITING_SAMPLES)], samples);
    }
  }

  private void keep(short[] pcm, int samples) {
    int kept = lostSamples > 0 ? 0 : Math.min(samples, MAX_WAITING_SAMPLES - waitingSamples);
    if (waitingSamples + kept > waiting.length) {
      waiting = Arrays.copyOf(waiting, Math.max(waitingSamples + kept, 2 * waiting.length));
    }
    System.arraycopy(pcm, 0, waiting, waitingSamples, kept);
    waitingSamples += kept;
    lostSamples += samples - kept;
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
    meters.digits.increment();
  }

  @Override
  public void onTimeout() {
    source.timedOut();
  }

  @Override
  public void onFailure(RuntimeException failure) {
    source.failed(failure);
  }
}
