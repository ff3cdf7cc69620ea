package org.linescribe.gateway.call;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.LegWriter;
import org.linescribe.gateway.rtp.RtpSessionListener;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.dtmf.ToneDetector;
import org.linescribe.session.SessionSource;
import org.linescribe.session.recordings.CallRecorder;

/**
 * Writes the audio of one of the call's streams to its session, its recording and the detector of
 * keys.
 *
 * <p>Thread: the call's event loop.
 */
final class CallMediaListener implements RtpSessionListener {
  private static final char MASKED = 'X';

  private boolean paused;
  private boolean announcing;
  private long joinedAtSamples;
  private long positionSamples;
  private @Nullable CallRecorder recorder;
  private final int leg;
  private final LegWriter writer;
  private final CallSettings.Dtmf dtmf;
  private final CallMetrics metrics;
  private final Runnable onTimeout;
  private final Consumer<RuntimeException> fail;
  private final Consumer<Character> onKey;
  private @Nullable SessionSource source;

  /** Hears keys in the audio; null where they come otherwise. */
  private @Nullable ToneDetector tones;

  private boolean keysAreSignalled;
  private final KeyPaths paths = new KeyPaths();

  /**
   * @param leg index of the leg that the audio belongs to
   * @param dtmf what readers are told of keys
   * @param onKey told of each key, whatever readers are told
   */
  CallMediaListener(
      int leg,
      CallSettings.Dtmf dtmf,
      CallMetrics metrics,
      Runnable onTimeout,
      Consumer<RuntimeException> fail,
      Consumer<Character> onKey) {
    this.onKey = onKey;
    this.dtmf = dtmf;
    this.leg = leg;
    this.writer = new LegWriter(leg, metrics.refusedSamples);
    this.metrics = metrics;
    this.onTimeout = onTimeout;
    this.fail = fail;
  }

  /** Joins a call whose timeline is so long already. */
  void joinsAt(long samples) {
    joinedAtSamples = samples;
    positionSamples = samples;
  }

  /** Starts delivery; earlier audio was dropped. */
  void attach(SessionSource opened) {
    source = opened;
    writer.attach(opened);
  }

  /**
   * Whether keys are in the audio, because the peer has no telephone-event. Once a key came by
   * signalling they are told by it alone, whatever is negotiated later.
   */
  void keysAreTones(boolean on) {
    if (!on || keysAreSignalled) {
      tones = null;
    } else if (tones == null) {
      ToneDetector detector = new ToneDetector(this::tone);
      detector.skip(positionSamples);
      tones = detector;
    }
  }

  private void tone(char digit, long atSamples) {
    metrics.telephoneEvents.increment();
    key(KeyPaths.Path.MEDIA, digit, atSamples);
  }

  /** From now on audio counts as silence, or is delivered again. */
  void pause(boolean on) {
    paused = on;
  }

  /** While the caller is told something, its audio is silence for transcript and recording. */
  void announcing(boolean on) {
    announcing = on;
  }

  /** Records from here on, with silence for the time before; null ends it. */
  void record(@Nullable CallRecorder to) {
    recorder = to;
    if (to != null) {
      to.skip(leg, positionSamples);
    }
  }

  @Override
  public void onAudio(short[] pcm, int samples) {
    positionSamples += samples;
    if (tones != null) {
      tones.hear(pcm, samples);
    }
    write(pcm, samples);
  }

  /** What is made up is a word's, but presses no key. */
  @Override
  public void onConcealed(short[] pcm, int samples) {
    positionSamples += samples;
    if (tones != null) {
      tones.skip(samples);
    }
    write(pcm, samples);
  }

  private void write(short[] pcm, int samples) {
    if (recorder != null) {
      if (announcing) {
        recorder.skip(leg, samples);
      } else {
        recorder.write(leg, pcm, 0, samples);
      }
    }
    if (paused || announcing) {
      writer.silence(samples);
    } else {
      writer.audio(pcm, samples);
    }
  }

  @Override
  public void onSilence(int samples) {
    positionSamples += samples;
    if (tones != null) {
      tones.skip(samples);
    }
    if (recorder != null) {
      recorder.skip(leg, samples);
    }
    writer.silence(samples);
  }

  /** Delivers the silence that was held back, at the latest with the audio behind it. */
  void deliverSilence() {
    writer.deliverSilence();
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
    metrics.telephoneEvents.increment();
    event.digit().ifPresent(digit -> key(KeyPaths.Path.MEDIA, digit, joinedAtSamples + atSamples));
  }

  /** A key that came by signalling. */
  void signalledKey(char digit, long atSamples) {
    keysAreSignalled = true;
    tones = null;
    key(KeyPaths.Path.SIGNALLING, digit, atSamples);
  }

  private void key(KeyPaths.Path path, char digit, long atSamples) {
    if (!paths.isNew(path, digit, atSamples)) {
      return;
    }
    onKey.accept(digit);
    if (source != null && dtmf != CallSettings.Dtmf.OFF) {
      source.dtmf(leg, dtmf == CallSettings.Dtmf.MASK ? MASKED : digit, atSamples);
    }
  }

  @Override
  public void onTimeout() {
    onTimeout.run();
  }

  @Override
  public void onFailure(RuntimeException failure) {
    fail.accept(failure);
  }
}
