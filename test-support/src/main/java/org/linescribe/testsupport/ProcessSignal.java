package org.linescribe.testsupport;

import java.io.IOException;

/** Signals that the JDK cannot send, by the shell's own {@code kill}: no package need be there. */
public final class ProcessSignal {
  private ProcessSignal() {}

  /**
   * @param signal without SIG: {@code STOP}, {@code KILL} …
   * @throws IOException there is no such process
   */
  public static void send(String signal, long pid) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid)
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("kill -" + signal + " " + pid + " ended with " + status);
    }
  }
}
