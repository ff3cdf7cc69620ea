package org.linescribe.testsupport;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The child processes of this JVM that were started since this was made. Thread: any. */
public final class ChildProcesses {
  private final Set<ProcessHandle> before =
      ProcessHandle.current().children().collect(Collectors.toSet());

  /** Those that were started since and run now. */
  public List<ProcessHandle> alive() {
    return ProcessHandle.current()
        .children()
        .filter(child -> !before.contains(child) && child.isAlive())
        .toList();
  }

  /** Those that run a program whose path holds this word, whenever they were started. */
  public static List<ProcessHandle> of(String program) {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").contains(program))
        .toList();
  }
}
