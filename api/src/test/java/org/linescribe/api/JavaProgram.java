package org.linescribe.api;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.testsupport.ProgramRun;

/** A program of one source file, run by the JDK of the tests. */
public final class JavaProgram {
  private JavaProgram() {}

  public static ProgramRun run(Path folder, Path source, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                source.toString()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(folder, command);
  }
}
