package org.linescribe.api.transcript;

import java.util.ArrayList;
import java.util.List;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;

/**
 * A word of a segment.
 *
 * @param startMs where it was heard, from the session's start
 * @param endMs where the next word begins, of the last one where the segment ends: no model tells
 *     more
 * @param confidence mean probability of its tokens, NaN where the model gives none
 */
public record SpokenWord(String text, long startMs, long endMs, double confidence) {
  /**
   * The words of a segment; none where its tokens do not make up its text, or have no times of
   * their own, as those of Whisper and of whole-utterance models without time stamps.
   */
  public static List<SpokenWord> of(Segment segment) {
    List<List<Token>> groups = new ArrayList<>();
    for (Token token : segment.tokens()) {
      if (groups.isEmpty() || token.text().startsWith(" ")) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(token);
    }
    List<SpokenWord> words = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      List<Token> group = groups.get(i);
      String text = String.join("", group.stream().map(Token::text).toList()).strip();
      if (!text.isEmpty()) {
        long startMs = group.getFirst().startMs();
        long nextMs =
            i + 1 < groups.size() ? groups.get(i + 1).getFirst().startMs() : segment.endMs();
        words.add(
            new SpokenWord(
                text,
                startMs,
                Math.max(startMs, nextMs),
                group.stream().mapToDouble(Token::probability).average().orElse(Double.NaN)));
      }
    }
    String said = String.join(" ", words.stream().map(SpokenWord::text).toList());
    boolean timed = words.size() < 2 || words.getFirst().startMs() < words.getLast().startMs();
    return said.equals(segment.text()) && timed ? words : List.of();
  }

  /** Mean probability of a segment's tokens, NaN where the model gives none. */
  public static double confidence(Segment segment) {
    return segment.tokens().stream().mapToDouble(Token::probability).average().orElse(Double.NaN);
  }
}
