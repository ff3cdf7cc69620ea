package org.linescribe.asr.utterance;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.stream.LegStream;
import org.linescribe.asr.stream.ModelReader;

/**
 * One leg on a model of whole utterances. Voice activity cuts its audio; decodings run elsewhere
 * and are told in the order of the audio.
 *
 * <p>When a short pause begins, what was said is decoded as if it were the end: if it is, the final
 * is there when the silence is long enough, and nothing is decoded twice.
 *
 * <p>Positions are samples of the leg. Thread: its steps, on the listening threads.
 */
final class UtteranceStream extends LegStream implements Decoding.Owner, SpeechFinder.Listener {
  /** Pieces that a stream may keep a thread for while others wait. */
  private static final int PIECES_PER_STEP = 50;

  /** Audio before speech was noticed that is decoded: no first word is cut. */
  private static final int LEAD_MS = 500;

  /** Silence that ends an utterance whose speaker has finished, as far as can be heard. */
  private static final int FINISHED_MS = 380;

  /** How long a word may sound on after voice activity says that speech has ended. */
  private static final int AFTER_SPEECH_MS = 120;

  /** Audio of finals that may wait before the stream reads no more. */
  private static final int WAITING_MS = 30_000;

  private final Executor workers;
  private final WholeDecoder decoder;
  private final SpeechFinder speech;
  private final UtteranceDecodings decodings;
  private final Consumer<UtteranceStream> onEnd;
  private final long endpointSamples;
  private final long longestSamples;
  private final Deque<Utterance> utterances = new ArrayDeque<>();
  private @Nullable Utterance open;
  private long position;
  private long decodedFrom;

  /** Where speech began that no pause has broken since. */
  private long unbrokenFrom;

  private volatile boolean speaking;

  /**
   * @param longestMs the most audio decoded at once
   */
  UtteranceStream(
      Executor workers,
      DecodeQueue queue,
      WholeDecoder decoder,
      VoiceActivity.Factory detectors,
      boolean asksTurns,
      LegReader audio,
      StreamOptions options,
      long longestMs,
      RecogniserListener listener,
      Consumer<UtteranceStream> onEnd) {
    super(audio, listener);
    this.workers = workers;
    this.decoder = decoder;
    this.speech = new SpeechFinder(audio, detectors);
    this.decodings =
        new UtteranceDecodings(
            this, queue, audio, decoder.sampleRateHz(), asksTurns, options.language().orElse(""));
    this.onEnd = onEnd;
    this.endpointSamples = audio.samples(options.endpointSilence().toMillis());
    this.longestSamples = audio.samples(longestMs - Utterance.TAIL_MS);
    this.position = audio.position();
    this.decodedFrom = position;
  }

  @Override
  protected void enqueue(boolean afterStep) {
    workers.execute(() -> run(this::step));
  }

  @Override
  public void decoded() {
    wake();
  }

  @Override
  public boolean isGone() {
    return isEnding();
  }

  /** Somebody speaks on its leg now. Thread: any. */
  boolean isSpeaking() {
    return speaking;
  }

  private void step() {
    tellDecoded();
    boolean more = false;
    for (int i = 0; i < PIECES_PER_STEP && !mustWait(); i++) {
      @Nullable Input next = next();
      more = next != null;
      if (next == null) {
        break;
      }
      if (!take(next)) {
        more = false;
        break;
      }
    }
    Utterance current = open;
    if (current != null && !isAudioNext()) {
      decodings.askForPartial(current, position);
    }
    tellDecoded();
    hold();
    if (more && !mustWait()) {
      wake();
    }
  }

  /** False when what is next must wait for decodings. */
  private boolean take(Input next) {
    return switch (next) {
      case Input.Audio(short[] pcm) -> {
        position += pcm.length;
        speech.hearTo(position, this);
        yield true;
      }
      case Input.Silence(long samples) -> {
        skip(samples);
        yield true;
      }
      case Input.Flush flush -> {
        end();
        tellDecoded();
        if (utterances.isEmpty()) {
          complete(flush);
        }
        yield utterances.isEmpty();
      }
    };
  }

  private void skip(long samples) {
    Utterance current = open;
    if (current != null && position + samples - current.speechEnd >= enough(current)) {
      long heard = Math.min(samples, audio().samples(Utterance.TAIL_MS));
      position += heard;
      end();
      position += samples - heard;
    } else {
      position += samples;
      if (current != null && !decodings.isSplitting()) {
        pause(current, position - current.speechEnd);
      }
    }
    speech.skipTo(position);
  }

  @Override
  public void window(long from, long to, boolean isSpeech) {
    Utterance current = open;
    if (isSpeech) {
      if (current == null || from - current.speechEnd >= audio().samples(Utterance.TAIL_MS)) {
        unbrokenFrom = from;
      }
      if (current == null) {
        long begin = Math.max(decodedFrom, to - audio().samples(speech.delayMs()));
        current = begin(begin, Math.max(decodedFrom, begin - audio().samples(LEAD_MS)), "");
      }
      decodings.goOn(current);
      current.hear(to - from, to - audio().samples(speech.hangoverMs()));
    }
    if (current == null || decodings.isSplitting()) {
      return;
    }
    long silence = to - current.speechEnd;
    if (!isSpeech && silence >= enough(current)) {
      end();
    } else if (!isSpeech) {
      pause(current, silence);
    } else if (to - current.from >= longestSamples) {
      decodings.askForSplit(current, to);
    }
  }

  /** Silence that ends the utterance, as far as is known. */
  private long enough(Utterance current) {
    return decodings.isFinished(current)
        ? Math.min(endpointSamples, audio().samples(FINISHED_MS))
        : endpointSamples;
  }

  /** Nobody speaks. A stream that was behind asks when it has caught up, be it later. */
  private void pause(Utterance current, long silence) {
    if (silence >= audio().samples(Utterance.TAIL_MS) && !isAudioNext()) {
      decodings.askAtPause(current, position);
    }
  }

  private Utterance begin(long speechStart, long from, String firstWord) {
    Utterance begun =
        new Utterance(speechStart, from, firstWord, audio().sampleRateHz(), decoder.isTimed());
    utterances.addLast(begun);
    open = begun;
    decodings.begin();
    speaking = true;
    return begun;
  }

  /** Ends the open utterance at what was heard until now. */
  private void end() {
    Utterance current = open;
    if (current == null) {
      return;
    }
    long to = Math.min(position, current.tailEnd());
    current.end(decodings.last(current, to), to);
    // The next word may have begun before voice activity says so.
    decodedFrom = Math.min(to, current.speechEnd + audio().samples(AFTER_SPEECH_MS));
    open = null;
    speaking = false;
  }

  private void split(Utterance current, Decoding done, LongSpeech.Split split) {
    long at = done.from + split.at() * (long) audio().sampleRateHz() / decoder.sampleRateHz();
    long speechEnd = current.speechEnd;
    current.endSpeech(at);
    current.end(done, at);
    decodedFrom = at;
    begin(at, at, split.nextWord()).hear(Math.max(0, speechEnd - at), Math.max(at, speechEnd));
  }

  private void tellDecoded() {
    Decoding split = decodings.takeSplit();
    if (split != null) {
      failIfFailed(split.failure());
      split(Objects.requireNonNull(open), split, Objects.requireNonNull(split.split()));
    }
    decodings.takeTurn();
    tellFinals();
    tellDecodedPartial();
    Utterance current = open;
    if (current != null
        && !decodings.isSplitting()
        && decodings.isFinished(current)
        && position - current.speechEnd >= audio().samples(FINISHED_MS)) {
      end();
      tellFinals();
    }
  }

  private void tellFinals() {
    for (Utterance oldest = utterances.peekFirst();
        oldest != null && oldest.isDecoded();
        oldest = utterances.peekFirst()) {
      failIfFailed(oldest.last().failure());
      utterances.removeFirst();
      tellFinal(oldest);
    }
  }

  private void tellDecodedPartial() {
    Decoding done = decodings.takePartial();
    if (done == null) {
      return;
    }
    failIfFailed(done.failure());
    Utterance current = open;
    LongSpeech.Split split = done.split();
    if (done.toSplit != null) {
      if (split != null && current != null && current.from == done.from) {
        split(current, done, split);
      }
      return;
    }
    Decoding before = decodings.show(done);
    if (current != null && current == utterances.peekFirst()) {
      tellPartial(current, done);
      if (before != null) {
        decodings.askForSplitWhileOpen(current, before, done, position, unbrokenFrom);
      }
    }
  }

  private static void failIfFailed(@Nullable Throwable failure) {
    if (failure instanceof RecogniserException known) {
      throw known;
    }
    if (failure != null) {
      throw new RecogniserException("a decoding failed: " + failure, failure);
    }
  }

  private void tellFinal(Utterance ended) {
    long endMs = audio().ms(Math.max(ended.speechStart, ended.speechEnd));
    Hypothesis hypothesis = ended.hypothesis(Objects.requireNonNull(ended.last().result()), endMs);
    long decodedToMs = audio().ms(ended.decodedTo());
    if (!hypothesis.isEmpty()) {
      tell(() -> listener().onEndpoint(hypothesis, decodedToMs));
    } else if (!ended.told.isEmpty()) {
      tell(() -> listener().onHypothesis(Hypothesis.empty(decodedToMs)));
    }
  }

  private void tellPartial(Utterance current, Decoding done) {
    Hypothesis hypothesis =
        current.hypothesis(Objects.requireNonNull(done.result()), audio().ms(done.to));
    if (!hypothesis.text().equals(current.told)) {
      current.told = hypothesis.text();
      tell(() -> listener().onHypothesis(hypothesis));
    }
  }

  private boolean mustWait() {
    long oldest = position;
    Utterance first = utterances.peekFirst();
    if (first != null && first.isEnded()) {
      oldest = first.speechStart;
    }
    boolean crowded = position - oldest > audio().samples(WAITING_MS) && utterances.size() > 1;
    return decodings.isSplitting() || crowded;
  }

  private void hold() {
    long needed =
        Math.min(speech.needed(), Math.max(decodedFrom, position - audio().samples(LEAD_MS + 300)));
    Utterance current = open;
    if (current != null) {
      needed = Math.min(needed, current.from);
    }
    audio().hold(Math.max(0, needed - ModelReader.PRIMING_SAMPLES));
  }

  @Override
  protected void release() {
    decodings.close();
    speech.close();
    speaking = false;
  }

  @Override
  protected void ended(boolean failed) {
    onEnd.accept(this);
  }
}
