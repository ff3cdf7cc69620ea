package org.linescribe.app;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs of the command line in this process, and what they said. Thread: one at a time. */
final class CommandRun {
  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  /** The exit status. */
  int of(String... arguments) {
    return Linescribe.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
