package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TextDisplayTest {
  private static final String CLEAR = "\r\033[K";

  private final StringWriter out = new StringWriter();

  @Test
  void rewritesTheLineOfAnUtteranceOnATerminalUntilItIsFinal() {
    TextDisplay display = display(true, 80);
    display.received(event(ReceivedEvent.Kind.PARTIAL, "FOUR", 1_200));
    display.received(event(ReceivedEvent.Kind.PARTIAL, "FOUR SEVEN", 1_900));
    display.received(event(ReceivedEvent.Kind.FINAL, "FOUR SEVEN", 62_340));

    assertThat(out.toString())
        .isEqualTo(
            "a.wav  answered; session s\n"
                + CLEAR
                + "   1  00:01.2 … FOUR"
                + CLEAR
                + "   1  00:01.9 … FOUR SEVEN"
                + CLEAR
                + "   1  01:02.3   FOUR SEVEN\n");
  }

  @Test
  void showsOnlyFinalsWhereLinesCannotBeRewritten() {
    TextDisplay display = display(false, 80);
    display.received(event(ReceivedEvent.Kind.PARTIAL, "FOUR", 1_200));
    display.received(event(ReceivedEvent.Kind.FINAL, "FOUR SEVEN", 2_000));

    assertThat(out.toString())
        .isEqualTo("a.wav  answered; session s\n   1  00:02.0   FOUR SEVEN\n");
  }

  @Test
  void neverWrapsALineThatIsRewritten() {
    TextDisplay display = display(true, 40);
    display.received(
        event(
            ReceivedEvent.Kind.PARTIAL,
            "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE ZERO",
            1_200));

    String line = out.toString().substring(out.toString().lastIndexOf(CLEAR) + CLEAR.length());
    assertThat(line).hasSizeLessThan(40).startsWith("   1  00:01.2").endsWith("EIGHT NINE ZERO");
  }

  @Test
  void wrapsALongFinalBetweenItsWords() {
    TextDisplay display = display(true, 40);
    display.received(
        event(ReceivedEvent.Kind.FINAL, "Please enter the first three letters of it.", 1_200));

    assertThat(out.toString())
        .endsWith(
            "   1  00:01.2   Please enter the first\n" + "                three letters of it.\n");
  }

  private TextDisplay display(boolean rewrite, int columns) {
    TextDisplay display = new TextDisplay(new PrintWriter(out), rewrite, columns, "");
    display.answered("a.wav", "s", 0);
    return display;
  }

  private static ReceivedEvent event(ReceivedEvent.Kind kind, String text, long atMs) {
    return new ReceivedEvent(kind, 1, text, -1, atMs * 1_000_000);
  }
}
