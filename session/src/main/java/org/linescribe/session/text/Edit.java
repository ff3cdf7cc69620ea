package org.linescribe.session.text;

import java.util.ArrayList;
import java.util.List;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/**
 * A replacement in a text.
 *
 * @param start first character
 * @param end one past the last
 */
record Edit(int start, int end, String replacement) {

  /**
   * Makes edits in a hypothesis. Tokens that an edit touches become one, at the time of the first
   * and with the mean of their probabilities; where the tokens do not make up the text they are
   * left out, because they would still hold what was replaced.
   *
   * @param edits in order, without overlap
   */
  static Hypothesis apply(Hypothesis hypothesis, List<Edit> edits) {
    if (edits.isEmpty()) {
      return hypothesis;
    }
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (Edit edit : edits) {
      text.append(hypothesis.text(), from, edit.start).append(edit.replacement);
      from = edit.end;
    }
    text.append(hypothesis.text(), from, hypothesis.text().length());
    return new Hypothesis(
        text.toString(),
        tokens(hypothesis, edits),
        hypothesis.startMs(),
        hypothesis.endMs(),
        hypothesis.language());
  }

  private static List<Token> tokens(Hypothesis hypothesis, List<Edit> edits) {
    List<Token> before = hypothesis.tokens();
    int[] ends = ends(hypothesis);
    List<Token> after = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < ends.length; ) {
      int start = i == 0 ? 0 : ends[i - 1];
      while (next < edits.size() && edits.get(next).end <= start) {
        next++;
      }
      if (next == edits.size() || edits.get(next).start >= ends[i]) {
        after.add(before.get(i++));
        continue;
      }
      // Joins the tokens of this edit, and of those that begin in its last token.
      int first = i;
      int firstEdit = next;
      int end = ends[i];
      while (next < edits.size() && edits.get(next).start < end) {
        while (i + 1 < ends.length && ends[i] < edits.get(next).end) {
          i++;
        }
        end = Math.max(end, ends[i]);
        next++;
      }
      i++;
      after.add(
          joined(
              hypothesis.text(),
              before.subList(first, i),
              start,
              end,
              edits.subList(firstEdit, next)));
    }
    return after;
  }

  private static Token joined(
      String text, List<Token> tokens, int start, int end, List<Edit> edits) {
    StringBuilder written = new StringBuilder();
    int from = start;
    for (Edit edit : edits) {
      written.append(text, from, Math.max(from, edit.start)).append(edit.replacement);
      from = edit.end;
    }
    written.append(text, Math.min(from, end), end);
    // The first word of a text has lost its space.
    if (start == 0 && tokens.getFirst().text().startsWith(" ")) {
      written.insert(0, ' ');
    }
    double probability =
        tokens.stream().mapToDouble(Token::probability).average().orElse(Double.NaN);
    return new Token(written.toString(), tokens.getFirst().startMs(), probability);
  }

  /** Where each token ends in the text; empty where the tokens do not make it up. */
  private static int[] ends(Hypothesis hypothesis) {
    StringBuilder joined = new StringBuilder();
    int[] ends = new int[hypothesis.tokens().size()];
    for (int i = 0; i < ends.length; i++) {
      String token = hypothesis.tokens().get(i).text();
      joined.append(joined.isEmpty() ? token.stripLeading() : token);
      ends[i] = joined.length();
    }
    return joined.toString().equals(hypothesis.text()) ? ends : new int[0];
  }
}
