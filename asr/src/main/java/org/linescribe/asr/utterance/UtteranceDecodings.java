package org.linescribe.asr.utterance;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.stream.ModelReader;

/**
 * What a stream asks the decode threads about its open utterance: partials, what was said before a
 * pause and whether that was all, a place to split it at, and its final.
 *
 * <p>Positions are samples of the leg. Thread: its stream's.
 */
final class UtteranceDecodings {
  /** Speech that is worth a first partial. */
  private static final int FIRST_PARTIAL_MS = 220;

  /** Speech that is worth another one. */
  private static final int NEXT_PARTIAL_MS = 100;

  /** A partial that is not older tells what is said in speech that is too long. */
  private static final int FRESH_MS = 400;

  private final Decoding.Owner owner;
  private final DecodeQueue queue;
  private final LegReader audio;
  private final ModelReader model;
  private final int modelRateHz;
  private final boolean asksTurns;
  private final String language;

  private @Nullable Decoding partial;

  /** The last partial that is done. */
  private @Nullable Decoding shown;

  private @Nullable Decoding question;
  private @Nullable Decoding splitting;
  private long partialAtNs;

  /** Audio up to here was found to be a finished turn. */
  private long finishedAt = -1;

  /**
   * @param language what is spoken, a tag; empty where nobody said
   */
  UtteranceDecodings(
      Decoding.Owner owner,
      DecodeQueue queue,
      LegReader audio,
      int modelRateHz,
      boolean asksTurns,
      String language) {
    this.owner = owner;
    this.queue = queue;
    this.audio = audio;
    this.model = new ModelReader(audio, modelRateHz);
    this.modelRateHz = modelRateHz;
    this.asksTurns = asksTurns;
    this.language = language;
  }

  /** Another utterance is open: nothing was read of it. */
  void begin() {
    shown = null;
  }

  /** Nothing more is read until it is known where the utterance ends and the next one begins. */
  boolean isSplitting() {
    return splitting != null;
  }

  /**
   * The speaker was heard to finish, has said nothing since, and the model of words writes no
   * comma, by which it tells that a sentence goes on.
   */
  boolean isFinished(Utterance current) {
    Decoding said = shown;
    return finishedAt == current.tailEnd()
        && said != null
        && said.from == current.from
        && said.to >= current.tailEnd()
        && !Objects.requireNonNull(said.result()).text().endsWith(",");
  }

  /** A partial, if one is due. */
  void askForPartial(Utterance current, long position) {
    if (partial != null || splitting != null) {
      return;
    }
    Decoding last = shown;
    long since = last == null ? current.from : last.to;
    long heard = current.speechEnd - Math.max(since, current.speechStart);
    if (heard >= audio.samples(last == null ? FIRST_PARTIAL_MS : NEXT_PARTIAL_MS)
        && queue.nowNs() - partialAtNs >= queue.partialIntervalNs()) {
      askForPartial(current, position, false);
    }
  }

  private void askForPartial(Utterance current, long position, boolean isAtPause) {
    partialAtNs = queue.nowNs();
    Decoding decoding = decoding(current, Math.min(position, current.tailEnd()));
    decoding.isAtPause = isAtPause;
    partial = decoding;
    queue.submit(decoding, false);
  }

  /** What was said before the pause, and whether that was all; once for each pause. */
  void askAtPause(Utterance current, long position) {
    if (current.askedAtPauseOf == current.speechEnd || !queue.hasTimeAtPauses()) {
      return;
    }
    current.askedAtPauseOf = current.speechEnd;
    if (asksTurns) {
      // Beside the decoding, not behind it: both are needed before the silence is long enough.
      drop(question);
      Decoding asked = decoding(current, current.tailEnd());
      asked.asksTurn = true;
      question = asked;
      queue.submit(asked, true);
    }
    Decoding waiting = partial;
    if (waiting == null || waiting.to < current.tailEnd()) {
      askForPartial(current, position, true);
    } else {
      queue.hasten(waiting);
    }
  }

  /** The pause is over: what was asked for in it goes before nobody's any more. */
  void goOn(Utterance current) {
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

  /** A place to split at: the utterance is too long. */
  void askForSplit(Utterance current, long to) {
    dropPartial();
    Decoding known = shown;
    boolean isFresh =
        known != null && known.from == current.from && to - known.to <= audio.samples(FRESH_MS);
    Decoding decoding = decoding(current, isFresh ? known.to : to);
    decoding.toSplit =
        SplitRequest.ofFull(
            isFresh ? known.result() : null, decoding.seconds, seconds(to - decoding.to));
    splitting = decoding;
    queue.submit(decoding, true);
  }

  /**
   * Somebody goes on: what was said before need not wait for a pause.
   *
   * @param before the partial shown before
   * @param now the one that is shown
   * @param unbrokenFrom where speech began that no pause has broken since
   */
  void askForSplitWhileOpen(
      Utterance current, Decoding before, Decoding now, long position, long unbrokenFrom) {
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
            position - unbrokenFrom >= audio.samples(SplitRequest.UNBROKEN_MS));
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

  /** The only or the last decoding: a partial that heard all of its speech is one. */
  Decoding last(Utterance current, long to) {
    for (Decoding known : new Decoding[] {partial, shown}) {
      if (known != null
          && known.toSplit == null
          && known.failure() == null
          && known.from == current.from
          && known.to >= current.tailEnd()
          && known.to <= to) {
        if (known != partial) {
          drop(partial);
        }
        partial = null;
        queue.promote(known);
        return known;
      }
    }
    dropPartial();
    Decoding decoding = decoding(current, to);
    queue.submit(decoding, true);
    return decoding;
  }

  /** The split of an utterance that is too long, once it is done; null before. */
  @Nullable Decoding takeSplit() {
    Decoding split = splitting;
    if (split == null || !split.isDone()) {
      return null;
    }
    splitting = null;
    return split;
  }

  /** The partial, or the split of an utterance that is open, once it is done; null before. */
  @Nullable Decoding takePartial() {
    Decoding done = partial;
    if (done == null || !done.isDone()) {
      return null;
    }
    partial = null;
    return done;
  }

  /** Reads whether the speaker has finished, once that is known. */
  void takeTurn() {
    Decoding asked = question;
    if (asked != null && asked.isDone()) {
      question = null;
      finishedAt = asked.isFinished() ? asked.to : finishedAt;
    }
  }

  /** Takes a partial for what is said; returns the one before. */
  @Nullable Decoding show(Decoding done) {
    Decoding before = shown;
    shown = done;
    return before;
  }

  /** The stream asks for nothing any more. */
  void close() {
    queue.forget(owner);
  }

  private void dropPartial() {
    drop(partial);
    partial = null;
  }

  private void drop(@Nullable Decoding unneeded) {
    if (unneeded != null) {
      queue.cancel(unneeded);
    }
  }

  private Decoding decoding(Utterance current, long to) {
    long from = current.from;
    float[] pcm = model.window(from, Math.toIntExact(to - from), 0);
    Decoding decoding = new Decoding(owner, from, to, audio.ms(from), pcm, modelRateHz);
    decoding.language = language;
    return decoding;
  }

  private double seconds(long samples) {
    return (double) samples / audio.sampleRateHz();
  }
}
