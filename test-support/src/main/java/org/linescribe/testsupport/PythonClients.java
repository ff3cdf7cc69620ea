package org.linescribe.testsupport;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Python with clients of the public registry: aiohttp, python-socketio, requests, sseclient-py and
 * websockets, in a virtual environment of the build, locked with hashes. A test that runs one needs
 * {@link Tool#PYTHON_VENV}.
 */
public final class PythonClients {
  private PythonClients() {}

  /** The environment's interpreter, for a command line. */
  public static String python() throws IOException, InterruptedException {
    return interpreter(ClientFolder.of("python", "requirements.txt", PythonClients::install));
  }

  private static String interpreter(Path folder) {
    return folder.resolve("bin/python").toString();
  }

  private static void install(Path folder) throws IOException, InterruptedException {
    ProgramRun.of(
            folder, List.of(Tool.PYTHON_VENV.path(), "-m", "venv", "--clear", folder.toString()))
        .succeeded();
    // Not bin/pip: its first line breaks where the path has a space.
    ProgramRun.of(
            folder,
            List.of(
                interpreter(folder),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--requirement",
                ClientFolder.source("requirements.txt").toString()),
            Map.of("PIP_DISABLE_PIP_VERSION_CHECK", "1"))
        .succeeded();
  }
}
