package org.linescribe.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

/** Chromium on the console, driven by a scenario of {@code console.cjs}, which tells its steps. */
final class ConsoleBrowser implements AutoCloseable {
  /** The key that the browser has. */
  static final String KEY = "key";

  /** Makes a gateway ask for keys, and know that one. */
  static final List<String> KEY_SETTINGS =
      List.of(
          "--linescribe.access.mode=required",
          "--linescribe.access.keys[0].name=console",
          "--linescribe.access.keys[0].sha256="
              + "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");

  private final Process process;
  private final BufferedReader told;
  private final Writer input;

  /**
   * @param base of the console
   * @param spoken what its microphone hears, again and again
   */
  ConsoleBrowser(HumanRecording spoken, String scenario, String base, String... arguments)
      throws IOException, InterruptedException {
    Path script =
        ProjectFiles.root().resolve("app/src/test/resources/org/linescribe/app/console.cjs");
    List<String> command =
        new ArrayList<>(
            List.of("node", script.toString(), scenario, base, screenshots().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("NODE_PATH", NodeClients.modules().toString());
    builder.environment().put("CHROMIUM", Tool.CHROMIUM.path());
    builder
        .environment()
        .putAll(Map.of("CONSOLE_KEY", KEY, "CONSOLE_MICROPHONE", spoken.file().toString()));
    process = builder.start();
    told = process.inputReader(StandardCharsets.UTF_8);
    input = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Where the pictures of the pages lie after the tests. */
  private static Path screenshots() throws IOException {
    return Files.createDirectories(ProjectFiles.root().resolve("app/target/console-screenshots"));
  }

  /** The rest of the next line that begins with this word. */
  String await(String word) throws IOException {
    return until(word).getLast().substring(word.length()).strip();
  }

  /** The lines to the next that begins with this word, that one the last. */
  List<String> until(String word) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = told.readLine(); line != null; line = told.readLine()) {
      lines.add(line);
      if (line.equals(word) || line.startsWith(word + " ")) {
        return lines;
      }
    }
    throw new AssertionError("the browser never told '" + word + "', but " + lines);
  }

  /** What it tells from here to its end, which must be a good one. */
  List<String> rest() throws IOException {
    List<String> lines = new ArrayList<>(told.readAllLines());
    if (lines.isEmpty() || !lines.getLast().equals("done")) {
      throw new AssertionError(String.join("\n", lines));
    }
    return lines.subList(0, lines.size() - 1);
  }

  /** Says that it may go on. */
  void goOn() throws IOException {
    goOn("go on");
  }

  /** The same, with what it waits to be told. */
  void goOn(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
