package org.linescribe.testsupport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Python with clients of the public registry, in a virtual environment of the build, locked with
 * hashes: those of {@code test-support/clients/requirements.in} with what they depend on, and those
 * of {@code requirements-alone.txt}. A test that runs one needs {@link Tool#PYTHON_VENV}.
 */
public final class PythonClients {
  private static final String LOCKED = "requirements.txt";
  private static final String LOCKED_KUBERNETES = "requirements-kubernetes.txt";

  /** Without what they depend on. */
  private static final String LOCKED_ALONE = "requirements-alone.txt";

  private PythonClients() {}

  /** The environment's interpreter, for a command line. */
  public static String python() throws IOException, InterruptedException {
    return interpreter(ClientFolder.of("python", PythonClients::install, LOCKED, LOCKED_ALONE));
  }

  /** As {@link #python}, in an environment of its own with what checks Kubernetes' objects. */
  public static String kubernetesPython() throws IOException, InterruptedException {
    return interpreter(kubernetes());
  }

  /** Helm, for a command line: the machine's own, or else that of {@link #kubernetesPython}. */
  public static String helm() throws IOException, InterruptedException {
    Optional<Path> own = Tool.onPath("helm");
    return (own.isPresent() ? own.get() : kubernetes().resolve("bin/helm")).toString();
  }

  /** Whether the registry has helm for this platform. */
  static boolean bringHelm() {
    return System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64");
  }

  private static Path kubernetes() throws IOException, InterruptedException {
    return ClientFolder.of(
        "python-kubernetes",
        folder -> {
          venv(folder);
          pip(folder, "--requirement", ClientFolder.source(LOCKED_KUBERNETES).toString());
        },
        LOCKED_KUBERNETES);
  }

  private static String interpreter(Path folder) {
    return folder.resolve("bin/python").toString();
  }

  private static void install(Path folder) throws IOException, InterruptedException {
    venv(folder);
    pip(folder, "--requirement", ClientFolder.source(LOCKED).toString());
    pip(folder, "--no-deps", "--requirement", ClientFolder.source(LOCKED_ALONE).toString());
  }

  private static void venv(Path folder) throws IOException, InterruptedException {
    ProgramRun.of(
            folder, List.of(Tool.PYTHON_VENV.path(), "-m", "venv", "--clear", folder.toString()))
        .succeeded();
  }

  private static void pip(Path folder, String... arguments)
      throws IOException, InterruptedException {
    // Not bin/pip: its first line breaks where the path has a space.
    List<String> command =
        new ArrayList<>(
            List.of(interpreter(folder), "-m", "pip", "install", "--quiet", "--require-hashes"));
    command.addAll(List.of(arguments));
    ProgramRun.of(folder, command, Map.of("PIP_DISABLE_PIP_VERSION_CHECK", "1")).succeeded();
  }

  /**
   * A folder for {@code PYTHONPATH} with empty modules of these names, for a client that imports
   * what it uses only elsewhere.
   */
  public static Path emptyModules(Path folder, String... names) throws IOException {
    Path modules = Files.createDirectories(folder.resolve("empty-modules"));
    for (String name : names) {
      Files.writeString(modules.resolve(name + ".py"), "");
    }
    return modules;
  }
}
