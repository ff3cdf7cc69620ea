package org.linescribe.asr.utterance;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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

  /** Audio behind the last word that is decoded. */
  private static final int TAIL_MS = 200;

  /** Silence that ends an utterance whose speaker has finished, as far as can be heard. */
  private static final int FINISHED_MS = 380;

  /** How long a word may sound on after voice activity says that speech has ended. */
  private static final int AFTER_SPEECH_MS = 120;

  /** Speech that is worth a first partial. */
  private static final int FIRST_PARTIAL_MS = 220;

  /** A partial that is not older tells what is said in speech that is too long. */
  private static final int FRESH_MS = 400;

  /** Audio of finals that may wait before the stream reads no more. */
  private static final int WAITING_MS = 30_000;

  private final Executor workers;
  private final DecodeQueue queue;
  private final WholeDecoder decoder;
  private final SpeechFinder speech;
  private final ModelReader model;
  private final Consumer<UtteranceStream> onEnd;
  private final boolean asksTurns;
  private final String language;
  private final long endpointSamples;
  private final long longestSamples;
  private final Deque<Utterance> utterances = new ArrayDeque<>();
  private @Nullable Utterance open;
  private @Nullable Decoding partial;
  private @Nullable Decoding shown;
  private @Nullable Decoding question;
  private @Nullable Decoding splitting;
  private long position;
  private long decodedFrom;
  private long partialAtNs;

  /** Where speech began that no pause has broken since. */
  private long unbrokenFrom;

  /** Audio up to here was found to be a finished turn. */
  private long finishedAt = -1;

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
    this.queue = queue;
    this.decoder = decoder;
    this.speech = new SpeechFinder(audio, detectors);
    this.asksTurns = asksTurns;
    this.model = new ModelReader(audio, decoder.sampleRateHz());
    this.onEnd = onEnd;
    this.language = options.language().orElse("");
    this.endpointSamples = samples(options.endpointSilence().toMillis());
    this.longestSamples = samples(longestMs - TAIL_MS);
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
    askForPartial();
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
      long heard = Math.min(samples, samples(TAIL_MS));
      position += heard;
      end();
      position += samples - heard;
    } else {
      position += samples;
      if (current != null && splitting == null) {
        pause(current, position - current.speechEnd);
      }
    }
    speech.skipTo(position);
  }

  @Override
  public void window(long from, long to, boolean isSpeech) {
    Utterance current = open;
    if (isSpeech) {
      if (current == null || from - current.speechEnd >= samples(TAIL_MS)) {
        unbrokenFrom = from;
      }
      if (current == null) {
        long begin = Math.max(decodedFrom, to - samples(speech.delayMs()));
        current = begin(begin, Math.max(decodedFrom, begin - samples(LEAD_MS)), "");
      }
      goOn(current);
      current.hear(to - from, to - samples(speech.hangoverMs()));
    }
    if (current == null || splitting != null) {
      return;
    }
    long silence = to - current.speechEnd;
    if (!isSpeech && silence >= enough(current)) {
      end();
    } else if (!isSpeech) {
      pause(current, silence);
    } else if (to - current.from >= longestSamples) {
      askForSplit(current, to);
    }
  }

  /** Silence that ends the utterance, as far as is known. */
  private long enough(Utterance current) {
    return isFinished(current) ? Math.min(endpointSamples, samples(FINISHED_MS)) : endpointSamples;
  }

  /** Nobody speaks. A stream that was behind asks when it has caught up, be it later. */
  private void pause(Utterance current, long silence) {
    if (silence >= samples(TAIL_MS)
        && current.askedAtPauseOf != current.speechEnd
        && !isAudioNext()
        && queue.hasTimeAtPauses()) {
      current.askedAtPauseOf = current.speechEnd;
      askAtPause(current);
    }
  }

  /** The pause is over: what was asked for in it goes before nobody's any more. */
  private void goOn(Utterance current) {
    if (current.askedAtPauseOf != current.speechEnd) {
      return;
    }
    drop(question);
    question = null;
    Decoding atPause = partial;
    if (atPause != null && queue.withdraw(atPause)) {
      partial = null;
    }
  }

  /**
   * The speaker was heard to finish, has said nothing since, and the model of words writes no
   * comma, by which it tells that a sentence goes on.
   */
  private boolean isFinished(Utterance current) {
    long heardTo = current.speechEnd + samples(TAIL_MS);
    Decoding said = shown;
    return finishedAt == heardTo
        && said != null
        && said.from == current.from
        && said.to >= heardTo
        && !Objects.requireNonNull(said.result()).text().endsWith(",");
  }

  private Utterance begin(long speechStart, long from, String firstWord) {
    Utterance begun =
        new Utterance(speechStart, from, firstWord, audio().sampleRateHz(), decoder.isTimed());
    utterances.addLast(begun);
    open = begun;
    shown = null;
    speaking = true;
    return begun;
  }

  /** Ends the open utterance at what was heard until now. */
  private void end() {
    Utterance current = open;
    if (current == null) {
      return;
    }
    long to = Math.min(position, current.speechEnd + samples(TAIL_MS));
    current.end(last(current, to), to);
    // The next word may have begun before voice activity says so.
    decodedFrom = Math.min(to, current.speechEnd + samples(AFTER_SPEECH_MS));
    open = null;
    speaking = false;
  }

  /** Nothing more is read until it is known where this utterance ends and the next one begins. */
  private void askForSplit(Utterance current, long to) {
    drop(partial);
    partial = null;
    Decoding known = shown;
    boolean isFresh =
        known != null && known.from == current.from && to - known.to <= samples(FRESH_MS);
    Decoding decoding = decoding(current, isFresh ? known.to : to);
    decoding.toSplit =
        SplitRequest.ofFull(
            isFresh ? known.result() : null, decoding.seconds, seconds(to - decoding.to));
    splitting = decoding;
    queue.submit(decoding, true);
  }

  private void split(Utterance current, Decoding done, LongSpeech.Split split) {
    long at = done.from + split.at() * (long) audio().sampleRateHz() / decoder.sampleRateHz();
    long speechEnd = current.speechEnd;
    current.endSpeech(at);
    current.end(done, at);
    decodedFrom = at;
    begin(at, at, split.nextWord()).hear(Math.max(0, speechEnd - at), Math.max(at, speechEnd));
  }

  /** The only or the last decoding: a partial that heard all of its speech is one. */
  private Decoding last(Utterance current, long to) {
    for (Decoding known : new Decoding[] {partial, shown}) {
      if (known != null
          && known.toSplit == null
          && known.failure() == null
          && known.from == current.from
          && known.to >= current.speechEnd + samples(TAIL_MS)
          && known.to <= to) {
        if (known != partial) {
          drop(partial);
        }
        partial = null;
        queue.promote(known);
        return known;
      }
    }
    drop(partial);
    partial = null;
    Decoding decoding = decoding(current, to);
    queue.submit(decoding, true);
    return decoding;
  }

  private void drop(@Nullable Decoding unneeded) {
    if (unneeded != null) {
      queue.cancel(unneeded);
    }
  }

  private Decoding decoding(Utterance current, long to) {
    long from = current.from;
    float[] pcm = model.window(from, Math.toIntExact(to - from), 0);
    Decoding decoding = new Decoding(this, from, to, audio().ms(from), pcm, decoder.sampleRateHz());
    decoding.language = language;
    return decoding;
  }

  private void askForPartial() {
    Utterance current = open;
    if (current == null || partial != null || splitting != null || isAudioNext()) {
      return;
    }
    Decoding last = shown;
    boolean first = last == null;
    long since = last == null ? current.from : last.to;
    long heard = current.speechEnd - Math.max(since, current.speechStart);
    long nowNs = queue.nowNs();
    if (heard >= samples(first ? FIRST_PARTIAL_MS : 100)
        && nowNs - partialAtNs >= queue.partialIntervalNs()) {
      ask(current, nowNs, false);
    }
  }

  private void askAtPause(Utterance current) {
    if (asksTurns) {
      // Beside the decoding, not behind it: both are needed before the silence is long enough.
      drop(question);
      Decoding asked = decoding(current, current.speechEnd + samples(TAIL_MS));
      asked.asksTurn = true;
      question = asked;
      queue.submit(asked, true);
    }
    Decoding waiting = partial;
    if (waiting == null || waiting.to < current.speechEnd + samples(TAIL_MS)) {
      ask(current, queue.nowNs(), true);
    } else {
      queue.hasten(waiting);
    }
  }

  private void ask(Utterance current, long nowNs, boolean isAtPause) {
    partialAtNs = nowNs;
    long to = Math.min(position, current.speechEnd + samples(TAIL_MS));
    Decoding decoding = decoding(current, to);
    decoding.isAtPause = isAtPause;
    partial = decoding;
    queue.submit(decoding, false);
  }

  private void tellDecoded() {
    Utterance current = open;
    Decoding split = splitting;
    if (split != null && split.isDone()) {
      failIfFailed(split.failure());
      splitting = null;
      split(Objects.requireNonNull(current), split, Objects.requireNonNull(split.split()));
    }
    current = open;
    Decoding asked = question;
    if (asked != null && asked.isDone()) {
      question = null;
      finishedAt = asked.isFinished() ? asked.to : finishedAt;
    }
    tellFinals();
    tellDecodedPartial(current);
    current = open;
    if (current != null
        && splitting == null
        && isFinished(current)
        && position - current.speechEnd >= samples(FINISHED_MS)) {
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

  private void tellDecodedPartial(@Nullable Utterance current) {
    Decoding done = partial;
    if (done == null || !done.isDone()) {
      return;
    }
    partial = null;
    failIfFailed(done.failure());
    LongSpeech.Split split = done.split();
    if (done.toSplit != null) {
      if (split != null && current != null && current.from == done.from) {
        split(current, done, split);
      }
      return;
    }
    Decoding before = shown;
    shown = done;
    if (current != null && current == utterances.peekFirst()) {
      tellPartial(current, done);
      if (before != null) {
        askForSplitWhileOpen(current, before, done);
      }
    }
  }

  /** Somebody goes on: what was said before need not wait for a pause. */
  private void askForSplitWhileOpen(Utterance current, Decoding before, Decoding now) {
    if (now.from != current.from) {
      return;
    }
    SplitRequest request =
        SplitRequest.ofOpen(
            before.from == now.from ? words(before) : List.of(),
            Objects.requireNonNull(now.result()),
            current.askedWords,
            now.seconds,
            seconds(position - now.to),
            position - unbrokenFrom >= samples(SplitRequest.UNBROKEN_MS));
    if (request != null) {
      current.askedWords = Math.max(current.askedWords, request.endedWords());
      Decoding decoding = decoding(current, now.to);
      decoding.toSplit = request;
      partial = decoding;
      queue.submit(decoding, false);
    }
  }

  private static List<String> words(Decoding decoding) {
    return SpokenText.words(Objects.requireNonNull(decoding.result()).text());
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
    boolean crowded = position - oldest > samples(WAITING_MS) && utterances.size() > 1;
    return splitting != null || crowded;
  }

  private void hold() {
    long needed =
        Math.min(speech.needed(), Math.max(decodedFrom, position - samples(LEAD_MS + 300)));
    Utterance current = open;
    if (current != null) {
      needed = Math.min(needed, current.from);
    }
    audio().hold(Math.max(0, needed - ModelReader.PRIMING_SAMPLES));
  }

  private double seconds(long samples) {
    return (double) samples / audio().sampleRateHz();
  }

  private long samples(long ms) {
    return ms * audio().sampleRateHz() / 1000;
  }

  @Override
  protected void release() {
    queue.forget(this);
    speech.close();
    speaking = false;
  }

  @Override
  protected void ended(boolean failed) {
    onEnd.accept(this);
  }
}
