package org.linescribe.testcalls;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows a call as text. On a terminal an utterance has one line, rewritten while it grows;
 * elsewhere only what is final is a line.
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
   * @param rewrite a terminal, and this call alone on it
   * @param columns the terminal's width
   * @param prefix begins each line: which call it is where there are many; may be empty
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
  public void heard(HeardEvent event) {
    synchronized (out) {
      switch (event.kind()) {
        case PARTIAL -> {
          if (rewrite && !event.text().isEmpty()) {
            out.print(CLEAR_LINE + fitted(head(event) + " … " + event.text()));
            out.flush();
            lineOpen = true;
          }
        }
        case FINAL -> line(head(event) + "   " + event.text());
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

  /** " 3 00:04.2": the number, and when it came, from the answer on. */
  private String head(HeardEvent event) {
    long tenths = Math.max(0, event.atNs() - answeredNs) / 100_000_000;
    return String.format(
        Locale.ROOT, "%4d  %02d:%02d.%d", event.seq(), tenths / 600, tenths / 10 % 60, tenths % 10);
  }

  /** Cut at its beginning, because what is new stands at the end. */
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
