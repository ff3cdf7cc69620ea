package org.linescribe.bench.asr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.asr.utterance.VoiceActivity;
import org.linescribe.asr.utterance.WholeDecoder;

/**
 * A whole-utterance model's own loop: voice activity over all of the audio, and each utterance
 * decoded once, as soon as it ends or when all that ended are there. The library decodes a batch of
 * Moonshine's streams one after the other, so that there is nothing to win by a batch.
 */
final class BareUtterances implements PipelineThroughput.Way {
  private static final int WINDOW = VoiceActivity.WINDOW_SAMPLES;
  private static final int RATE_HZ = VoiceActivity.SAMPLE_RATE_HZ;
  private static final int LEAD = RATE_HZ / 2;
  private static final int TAIL = RATE_HZ / 5;
  private static final int SILENCE = RATE_HZ * 8 / 10;

  private final WholeDecoder decoder;
  private final VoiceActivity.Factory detectors;
  private final Tape tape;
  private final boolean together;
  private final List<float[]> waiting = new ArrayList<>();
  private final int longest;
  private int utterances;
  private long decodedSamples;

  BareUtterances(ModelSource model, Tape tape, boolean together) {
    this.decoder = SherpaRecognisers.bareDecoder(model);
    this.detectors = SherpaRecognisers.bareVoiceActivity(UtteranceSettings.defaults());
    this.tape = tape;
    this.together = together;
    this.longest = (decoder.maxMs() - 300) * (RATE_HZ / 1000);
  }

  @Override
  public String name() {
    return together ? "bare, all that ended together" : "bare, one by one";
  }

  @Override
  public void run() {
    utterances = 0;
    decodedSamples = 0;
    for (int stream = 0; stream < tape.streams(); stream++) {
      float[] audio = new float[tape.frames() * RATE_HZ / 50];
      for (int frame = 0; frame < tape.frames(); frame++) {
        System.arraycopy(
            tape.floats16k(),
            tape.at(stream, frame, RATE_HZ),
            audio,
            frame * RATE_HZ / 50,
            RATE_HZ / 50);
      }
      try (VoiceActivity detector = detectors.open()) {
        find(audio, detector);
      }
    }
    decodeWaiting();
  }

  private void find(float[] audio, VoiceActivity detector) {
    int start = -1;
    int speechEnd = 0;
    for (int at = 0; at + WINDOW <= audio.length; at += WINDOW) {
      int to = at + WINDOW;
      if (detector.hear(audio, at)) {
        if (start < 0) {
          start = Math.max(speechEnd, to - detector.delayMs() * (RATE_HZ / 1000) - LEAD);
        }
        speechEnd = Math.max(speechEnd, to - detector.hangoverMs() * (RATE_HZ / 1000));
      }
      if (start >= 0 && (to - speechEnd >= SILENCE || to - start >= longest)) {
        add(audio, start, Math.min(to, speechEnd + TAIL));
        start = -1;
      }
    }
    if (start >= 0) {
      add(audio, start, Math.min(audio.length, speechEnd + TAIL));
    }
  }

  private void add(float[] audio, int from, int to) {
    waiting.add(Arrays.copyOfRange(audio, from, to));
    if (!together) {
      decodeWaiting();
    }
  }

  private void decodeWaiting() {
    for (float[] utterance : waiting) {
      decoder.decode(utterance, 0);
      utterances++;
      decodedSamples += utterance.length;
    }
    waiting.clear();
  }

  @Override
  public String done() {
    return String.format(
        Locale.ROOT, "%d utterances, %.1f s", utterances, (double) decodedSamples / RATE_HZ);
  }

  @Override
  public void close() {
    decoder.close();
    detectors.close();
  }
}
