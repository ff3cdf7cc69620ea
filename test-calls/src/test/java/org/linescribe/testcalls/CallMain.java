package org.linescribe.testcalls;

import picocli.CommandLine;

/** The command as a program of its own, to be interrupted. */
final class CallMain {
  private CallMain() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new CallCommand()).execute(arguments));
  }
}
