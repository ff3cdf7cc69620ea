package org.linescribe.gateway.call;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpSessionListener;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.dtmf.ToneDetector;
import org.linescribe.session.SessionSource;
import org.linescribe.session.recordings.CallRecorder;

/**
 * Writes the audio of one of the call's streams to its session. Audio that the session refuses is
 * replaced by silence, so that the timeline stays aligned with the RTP timestamps.
 *
 * <p>Thread: the call's event loop.
 */
final class CallMediaListener implements RtpSessionListener {
  /** Enough silence to end every utterance: endpoint-silence is at most 10 s. */
  private static final int DECODED_SILENCE_SAMPLES = 12 * 8000;

  /**
   * A recogniser decodes silence that comes in small pieces, and jumps over a long one: a held or
   * silent call costs no decoding by being told of it rarely.
   */
  private static final int SILENCE_BLOCK_SAMPLES = 10 * 8000;

  private static final char MASKED = 'X';

  /** G.711's idle codes decode to 0 (PCMU) and 8 (PCMA). */
  private static final int MAX_IDLE_AMPLITUDE = 8;

  private int pendingSilenceSamples;
  private int silentRunSamples;
  private boolean paused;
  private long positionSamples;
  private @Nullable CallRecorder recorder;
  private final int leg;
  private final CallSettings.Dtmf dtmf;
  private final CallMetrics metrics;
  private final Runnable onTimeout;
  private final Consumer<RuntimeException> fail;
  private final Consumer<Character> onKey;
  private @Nullable SessionSource source;

  /** Hears keys in the audio; null where they come otherwise. */
  private @Nullable ToneDetector tones;

  private boolean keysAreSignalled;

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
    this.metrics = metrics;
    this.onTimeout = onTimeout;
    this.fail = fail;
  }

  /** Starts delivery; earlier audio was dropped. */
  void attach(SessionSource opened) {
    source = opened;
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
    key(digit, atSamples);
  }

  /** From now on audio counts as silence, or is delivered again. */
  void pause(boolean on) {
    paused = on;
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
    if (recorder != null) {
      recorder.write(leg, pcm, 0, samples);
    }
    if (paused || isDigitalSilence(pcm, samples)) {
      silence(samples);
    } else if (source != null) {
      deliverSilence();
      silentRunSamples = 0;
      int refused = samples - source.write(leg, pcm, 0, samples);
      if (refused > 0) {
        source.skip(leg, refused);
        metrics.refusedSamples.increment(refused);
      }
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
    silence(samples);
  }

  private void silence(int samples) {
    pendingSilenceSamples += samples;
    silentRunSamples += samples;
    if (silentRunSamples < DECODED_SILENCE_SAMPLES
        || pendingSilenceSamples >= SILENCE_BLOCK_SAMPLES) {
      deliverSilence();
    }
  }

  /** Delivers the silence that was held back, at the latest with the audio behind it. */
  void deliverSilence() {
    int samples = pendingSilenceSamples;
    pendingSilenceSamples = 0;
    if (source != null && samples > 0) {
      source.skip(leg, samples);
    }
  }

  private static boolean isDigitalSilence(short[] pcm, int samples) {
    for (int i = 0; i < samples; i++) {
      if (pcm[i] < -MAX_IDLE_AMPLITUDE || pcm[i] > MAX_IDLE_AMPLITUDE) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
    metrics.telephoneEvents.increment();
    event.digit().ifPresent(digit -> key(digit, atSamples));
  }

  /** A key that came by signalling. */
  void signalledKey(char digit, long atSamples) {
    keysAreSignalled = true;
    tones = null;
    key(digit, atSamples);
  }

  private void key(char digit, long atSamples) {
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
