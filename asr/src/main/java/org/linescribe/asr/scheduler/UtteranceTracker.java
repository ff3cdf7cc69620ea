package org.linescribe.asr.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;
import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;

/**
 * Cuts what a native stream recognises into utterances.
 *
 * <p>An endpoint is decided here, per stream, by the position decoded and the last token's time:
 * the same rule as the library's (trailing blanks of 40 ms), which knows one silence for all
 * streams only. Tokens of a finished utterance are <em>frozen</em>: the native stream may run on,
 * and what it says after them belongs to the next utterance. So neither a short silence nor a split
 * of a long utterance can lose or double a word; nothing is decoded twice for it.
 *
 * <p>Thread: the one that decodes its stream. Times in: milliseconds of the native stream; out: of
 * the leg.
 */
final class UtteranceTracker {
  /** One encoder frame of the library's models: 4 feature frames of 10 ms. */
  static final int TOKEN_FRAME_MS = 40;

  /**
   * How long a word may sound on after its last token's frame; audio before that is accounted for
   * by the text. Measured on the human recordings: see SchedulerAccuracyTest.
   */
  static final int TOKEN_TAIL_MS = 120;

  /** What a replacement or renewed stream is fed again, unless text accounts for it. */
  static final int REFEED_MS = 500;

  private final long endpointSilenceMs;
  private final long maxUtteranceMs;

  private long baseMs;
  private EngineResult latest = new EngineResult("", List.of(), List.of(), List.of());
  private final List<Long> seenMs = new ArrayList<>();
  private int frozenTokens;
  private String frozenText = "";
  private String lastText = "";
  private long accountedToMs;

  UtteranceTracker(long endpointSilenceMs, long maxUtteranceMs, long startMs) {
    this.endpointSilenceMs = endpointSilenceMs;
    this.maxUtteranceMs = maxUtteranceMs;
    this.accountedToMs = startMs;
    this.baseMs = startMs;
  }

  /** A finished utterance and the end of the audio that it accounts for, on the leg's timeline. */
  record Finished(Hypothesis hypothesis, long accountedToMs) {}

  /** A new native stream begins at this position of the leg. */
  void begin(long legMs) {
    baseMs = legMs;
    latest = new EngineResult("", List.of(), List.of(), List.of());
    seenMs.clear();
    frozenTokens = 0;
    frozenText = "";
  }

  /** Takes the result after a decode; a changed text of the open utterance is returned. */
  Optional<Hypothesis> update(EngineResult result, long decodedMs) {
    if (result == latest) {
      return Optional.empty();
    }
    latest = result;
    while (seenMs.size() > result.tokens().size()) {
      seenMs.removeLast();
    }
    while (seenMs.size() < result.tokens().size()) {
      seenMs.add(Math.max(0, decodedMs - TOKEN_FRAME_MS));
    }
    frozenTokens = Math.min(frozenTokens, result.tokens().size());
    String text = openText(result.tokens().size());
    if (text.equals(lastText)) {
      return Optional.empty();
    }
    lastText = text;
    return Optional.of(hypothesis(result.tokens().size(), text, baseMs + decodedMs));
  }

  /** The utterance that ended by silence or by its length, if one did. */
  Optional<Finished> endpoint(long decodedMs) {
    int count = latest.tokens().size();
    if (count == frozenTokens) {
      return Optional.empty();
    }
    if (trailingSilenceMs(decodedMs) >= endpointSilenceMs) {
      return finish(count, decodedMs);
    }
    if (decodedMs - tokenMs(frozenTokens) >= maxUtteranceMs) {
      return finish(lastWordBoundary(), decodedMs);
    }
    return Optional.empty();
  }

  /** The open utterance as it stands: nothing more will be decoded of it. */
  Optional<Finished> finish(long decodedMs) {
    accountedToMs = Math.max(accountedToMs, baseMs + decodedMs);
    int count = latest.tokens().size();
    return count == frozenTokens ? Optional.empty() : finish(count, decodedMs);
  }

  boolean isOpen() {
    return latest.tokens().size() > frozenTokens;
  }

  boolean heardNothing() {
    return latest.tokens().isEmpty();
  }

  /** From the end of the last token's frame to the position decoded. */
  long trailingSilenceMs(long decodedMs) {
    int count = latest.tokens().size();
    return count == 0 ? decodedMs : decodedMs - tokenMs(count - 1) - TOKEN_FRAME_MS;
  }

  /** Where a successor of the native stream begins, on the leg's timeline. */
  long refeedFromMs(long decodedMs) {
    int count = latest.tokens().size();
    long from = baseMs + Math.max(0, decodedMs - REFEED_MS);
    return count == 0 ? from : Math.max(from, accountedBy(count, decodedMs));
  }

  private Optional<Finished> finish(int end, long decodedMs) {
    String text = openText(end);
    long to = accountedBy(end, decodedMs);
    if (end == latest.tokens().size()) {
      to = Math.max(to, baseMs + Math.max(0, decodedMs - REFEED_MS));
    }
    accountedToMs = Math.max(accountedToMs, to);
    Optional<Finished> finished =
        text.isEmpty()
            ? Optional.empty()
            : Optional.of(new Finished(hypothesis(end, text, accountedToMs), accountedToMs));
    frozenText = end == latest.tokens().size() ? latest.text() : join(0, end);
    frozenTokens = end;
    lastText = "";
    return finished;
  }

  /** End of the audio that the tokens before {@code end} account for. */
  private long accountedBy(int end, long decodedMs) {
    if (end == 0) {
      return baseMs;
    }
    long to = Math.min(decodedMs, tokenMs(end - 1) + TOKEN_FRAME_MS + TOKEN_TAIL_MS);
    return baseMs + (end < latest.tokens().size() ? Math.min(to, tokenMs(end)) : to);
  }

  /** The last word may still be growing: it goes to the next utterance, if another is before it. */
  private int lastWordBoundary() {
    for (int i = latest.tokens().size() - 1; i > frozenTokens; i--) {
      if (latest.tokens().get(i).startsWith(" ")) {
        return i;
      }
    }
    return latest.tokens().size();
  }

  private long tokenMs(int index) {
    return index < latest.startMs().size() ? latest.startMs().get(index) : seenMs.get(index);
  }

  private Hypothesis hypothesis(int end, String text, long endMs) {
    List<Token> tokens = new ArrayList<>(end - frozenTokens);
    for (int i = frozenTokens; i < end; i++) {
      double probability =
          i < latest.probabilities().size() ? latest.probabilities().get(i) : Double.NaN;
      tokens.add(new Token(latest.tokens().get(i), baseMs + tokenMs(i), probability));
    }
    long startMs = tokens.isEmpty() ? endMs : Math.min(tokens.getFirst().startMs(), endMs);
    return new Hypothesis(text, tokens, startMs, endMs);
  }

  /**
   * The open tokens' text. The model's own text where it can be had by cutting off what is frozen
   * (units of bytes do not join to text by themselves), else the units joined.
   */
  private String openText(int end) {
    String text =
        end == latest.tokens().size() && latest.text().startsWith(frozenText)
            ? latest.text().substring(frozenText.length())
            : join(frozenTokens, end);
    return text.strip().replaceAll("\\s+", " ");
  }

  private String join(int from, int to) {
    return String.join("", latest.tokens().subList(from, to));
  }
}
