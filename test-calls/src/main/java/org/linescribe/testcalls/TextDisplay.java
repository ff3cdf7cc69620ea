package org.linescribe.testcalls;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Displays a call as text. On a terminal each utterance has one line, rewritten as partials arrive;
 * elsewhere only finals are printed.
 *
 * <p>Thread: any; all displays of a run share the writer and guard it by its monitor.
 */
final class TextDisplay implements CallDisplay {
  private static final String CLEAR_LINE = "\r\033[K";
  private static final int LEAST_COLUMNS = 30;

  private final PrintWriter out;
  private final boolean rewrite;
  private final int columns;
  private final String prefix;
  private long answeredNs;
  private boolean lineOpen;

  /**
   * @param rewrite whether to rewrite lines: a terminal with a single call
   * @param columns the terminal's width
   * @param prefix prefix of each line that identifies the call; may be empty
   */
  TextDisplay(PrintWriter out, boolean rewrite, int columns, String prefix) {
    this.out = out;
    this.rewrite = rewrite;
    this.columns = Math.max(LEAST_COLUMNS, columns);
    this.prefix = prefix;
  }

  @Override
  public void answered(String file, String sessionId, long nowNs) {
    synchronized (out) {
      answeredNs = nowNs;
      line(file + "  answered; session " + sessionId);
    }
  }

  @Override
  public void received(ReceivedEvent event) {
    synchronized (out) {
      switch (event.kind()) {
        case PARTIAL -> {
          if (rewrite && !event.text().isEmpty()) {
            out.print(CLEAR_LINE + fitted(head(event) + " … " + event.text()));
            out.flush();
            lineOpen = true;
          }
        }
        case FINAL -> line(wrapped(head(event) + "   ", event.text()));
        case ENDED, OTHER -> {}
      }
    }
  }

  @Override
  public void played() {}

  @Override
  public void ended(CallReport report) {
    synchronized (out) {
      if (report.failure() != null) {
        line("failed: " + report.failure());
      }
    }
  }

  /** " 3 00:04.2": the sequence number and the arrival time since the answer. */
  private String head(ReceivedEvent event) {
    long tenths = Math.max(0, event.atNs() - answeredNs) / 100_000_000;
    return String.format(
        Locale.ROOT, "%4d  %02d:%02d.%d", event.seq(), tenths / 600, tenths / 10 % 60, tenths % 10);
  }

  /** On a terminal a long final goes on below its own beginning. */
  private String wrapped(String head, String text) {
    int columnsLeft = columns - 1 - prefix.length() - head.length();
    if (!rewrite || text.length() <= columnsLeft || columnsLeft < LEAST_COLUMNS / 2) {
      return head + text;
    }
    StringBuilder lines = new StringBuilder(head);
    int used = 0;
    for (String word : text.split(" ")) {
      if (used > 0 && used + 1 + word.length() > columnsLeft) {
        lines.append(System.lineSeparator()).append(" ".repeat(prefix.length() + head.length()));
        used = 0;
      } else if (used > 0) {
        lines.append(' ');
        used++;
      }
      lines.append(word);
      used += word.length();
    }
    return lines.toString();
  }

  /** Cuts the beginning, because new text is at the end. */
  private String fitted(String text) {
    int over = prefix.length() + text.length() - (columns - 1);
    if (over <= 0) {
      return prefix + text;
    }
    int keep = Math.min(text.length(), 16);
    int from = Math.min(text.length(), keep + over + 1);
    return prefix + text.substring(0, keep) + "…" + text.substring(from);
  }

  private void line(String text) {
    out.println((lineOpen ? CLEAR_LINE : "") + prefix + text);
    out.flush();
    lineOpen = false;
  }
}
