package org.linescribe.asr.offline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.pause.PauseDetector;

/**
 * The utterance that is being spoken: its undecided audio, and the words that earlier windows of it
 * have settled.
 *
 * <p>Every {@link OfflineSettings#buffer} the whole window is decoded anew, so that a word is heard
 * with all that was said around it. Only an utterance that outgrows {@link OfflineSettings#window}
 * is cut, where it is quietest.
 *
 * <p>Thread: its stream's worker, one at a time.
 */
final class OpenUtterance {
  /** Silence that a model wants before the first word and after the last one. */
  private static final int LEAD_MS = 300;

  private static final int TAIL_MS = 500;

  /** A stretch 26 dB below the window's mean holds no speech. */
  private static final double QUIET = 1 / 400.0;

  private static final int STEP_MS = 20;

  /** How long a word may sound on after its first unit was heard. */
  private static final long LONGEST_WORD_MS = 700;

  private final WholeDecoder decoder;
  private final RecogniserListener listener;
  private final OfflineSettings settings;
  private final long endpointMs;
  private final long startMs;
  private final int rateHz;
  private final boolean timed;
  private final PauseDetector pause;

  private float[] audio;
  private int length;
  private int undecoded;
  private long position;
  private boolean speech;
  private final List<Word> settled = new ArrayList<>();
  private List<Word> previous = List.of();
  private @Nullable WindowJoint joint;
  private long utteranceMs = -1;
  private String lastText = "";
  private volatile long undecidedMs;

  OpenUtterance(
      WholeDecoder decoder,
      RecogniserListener listener,
      OfflineSettings settings,
      long endpointMs,
      long startMs,
      int rateHz,
      boolean timed) {
    this.decoder = decoder;
    this.listener = listener;
    this.settings = settings;
    this.endpointMs = endpointMs;
    this.startMs = startMs;
    this.rateHz = rateHz;
    this.timed = timed;
    this.pause = new PauseDetector(rateHz);
    this.audio = new float[2 * rateHz];
  }

  /**
   * Takes a piece of up to 100 ms and decodes where it is time to.
   *
   * @param more audio waits that would make a partial text old before it is told
   */
  void hear(float[] pcm, boolean more) {
    take(pcm, more);
    undecidedMs = !speech ? 0 : (lastText.isEmpty() ? length : undecoded) * 1000L / rateHz;
  }

  /** Audio of which nothing was told yet, though it may hold speech. Thread: any. */
  long undecidedMs() {
    return undecidedMs;
  }

  private void take(float[] pcm, boolean more) {
    append(pcm);
    pause.hear(pcm, 0, pcm.length);
    speech |= pause.pauseMs() < pcm.length * 1000L / rateHz;
    if (!speech) {
      keepLast(samples(LEAD_MS));
      undecoded = 0;
      return;
    }
    undecoded += pcm.length;
    if (pause.pauseMs() >= endpointMs) {
      finish();
    } else if (length >= samples(settings.window().toMillis())) {
      cut();
    } else if (!more && undecoded >= samples(settings.buffer().toMillis())) {
      decodeOpen();
    }
  }

  /** Passes over silence of any length. */
  void skip(long samples) {
    long heard = Math.min(samples, samples(endpointMs) + (long) rateHz);
    for (long left = heard; left > 0; ) {
      int piece = (int) Math.min(left, rateHz / 10);
      hear(new float[piece], true);
      left -= piece;
    }
    if (samples > heard) {
      finish();
      length = 0;
      position += samples - heard;
    }
  }

  /** Ends the utterance at what was heard until now. */
  void finish() {
    if (!speech && settled.isEmpty()) {
      return;
    }
    List<Word> words = new ArrayList<>(settled);
    words.addAll(decode(length));
    end(words, Math.min(LEAD_MS, pause.pauseMs()));
  }

  private void end(List<Word> words, long quietMs) {
    tell(words, ms(position) - quietMs);
    previous = List.of();
    joint = null;
    speech = false;
    undecoded = 0;
    undecidedMs = 0;
    keepLast(samples(quietMs));
  }

  private void decodeOpen() {
    undecoded = 0;
    List<Word> words = new ArrayList<>(settled);
    words.addAll(decode(length));
    if (words.isEmpty()) {
      // Not speech after all: what a word could have begun in is kept.
      keepLast(samples(settings.buffer().toMillis()));
      return;
    }
    Word last = words.getLast();
    if (last.isTimed() && ms(position) - last.startMs() >= endpointMs + LONGEST_WORD_MS) {
      // Noise hides the pause, but the model heard nothing in it.
      end(words, LEAD_MS);
      return;
    }
    String text = Word.text(words);
    if (!text.equals(lastText)) {
      lastText = text;
      listener.onHypothesis(hypothesis(words, ms(position)));
    }
  }

  /** Settles the first part of a window that is full and goes on with the rest. */
  private void cut() {
    int overlap = samples(settings.overlap().toMillis());
    int from = Math.max(0, Math.min(length / 2, length - 2 * rateHz));
    int middle = quietest(from, length - overlap, Math.max(overlap, samples(STEP_MS)));
    boolean quiet = energy(middle - overlap / 2, overlap) < QUIET * energy(0, length);
    int half = overlap / 2;
    WindowJoint next =
        new WindowJoint(ms(position - length + middle), settings.overlap().toMillis(), quiet);
    List<Word> told = next.before(decode(Math.min(length, middle + half)));
    settled.addAll(told);
    previous = told.isEmpty() ? previous : told;
    joint = next;
    keepLast(length - Math.max(0, middle - half));
    undecoded = 0;
    long spokenMs = utteranceMs < 0 ? 0 : next.cutMs() - utteranceMs;
    if (!settled.isEmpty() && utteranceMs < 0) {
      utteranceMs = settled.getFirst().isTimed() ? settled.getFirst().startMs() : next.cutMs();
    }
    if (spokenMs + settings.window().toMillis() > settings.maxUtterance().toMillis()) {
      tell(new ArrayList<>(settled), next.cutMs());
    } else {
      String text = Word.text(settled);
      if (!settled.isEmpty() && !text.equals(lastText)) {
        lastText = text;
        listener.onHypothesis(hypothesis(settled, next.cutMs()));
      }
    }
  }

  private void tell(List<Word> words, long decodedToMs) {
    settled.clear();
    utteranceMs = -1;
    if (!words.isEmpty()) {
      listener.onEndpoint(hypothesis(words, decodedToMs), decodedToMs);
    } else if (!lastText.isEmpty()) {
      listener.onHypothesis(Hypothesis.empty(decodedToMs));
    }
    lastText = "";
  }

  private List<Word> decode(int samples) {
    if (!speech || samples == 0) {
      return List.of();
    }
    float[] pcm = Arrays.copyOf(Arrays.copyOf(audio, samples), samples + samples(TAIL_MS));
    List<Word> words = Word.of(decoder.decode(pcm, ms(position - length)), timed);
    WindowJoint before = joint;
    return before == null ? words : before.after(previous, words);
  }

  private Hypothesis hypothesis(List<Word> words, long endMs) {
    long first = words.getFirst().startMs();
    long from = first >= 0 ? first : utteranceMs >= 0 ? utteranceMs : ms(position - length);
    return new Hypothesis(Word.text(words), Word.tokens(words), Math.clamp(from, 0, endMs), endMs);
  }

  /** The middle of the stretch with the least energy. */
  private int quietest(int from, int to, int stretch) {
    int step = samples(STEP_MS);
    int best = from + stretch / 2;
    double least = Double.MAX_VALUE;
    for (int at = from; at + stretch <= to; at += step) {
      double energy = energy(at, stretch);
      // The later of two equals: the next window is the shorter for it.
      if (energy <= least) {
        least = energy;
        best = at + stretch / 2;
      }
    }
    return best;
  }

  private double energy(int from, int count) {
    double sum = 0;
    int end = Math.min(length, from + count);
    int begin = Math.max(0, from);
    for (int i = begin; i < end; i++) {
      sum += (double) audio[i] * audio[i];
    }
    return sum / Math.max(1, end - begin);
  }

  private void append(float[] pcm) {
    if (length + pcm.length > audio.length) {
      audio = Arrays.copyOf(audio, Math.max(length + pcm.length, 2 * audio.length));
    }
    System.arraycopy(pcm, 0, audio, length, pcm.length);
    length += pcm.length;
    position += pcm.length;
  }

  private void keepLast(int samples) {
    if (samples < length) {
      System.arraycopy(audio, length - samples, audio, 0, samples);
      length = samples;
    }
  }

  private int samples(long ms) {
    return Math.toIntExact(ms * rateHz / 1000);
  }

  private long ms(long samples) {
    return startMs + samples * 1000 / rateHz;
  }
}
