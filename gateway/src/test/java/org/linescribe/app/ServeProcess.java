package org.linescribe.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code linescribe serve} as its users run it: a process of its own, killed by signals. */
final class ServeProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) sip=(\\S+)");

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private String http = "";
  private String sip = "";

  private ServeProcess(Process process) {
    this.process = process;
  }

  static ServeProcess start(Path data, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Linescribe.class.getName(),
                "serve",
                "--data",
                data.toString()));
    command.addAll(List.of(more));
    ServeProcess serve =
        new ServeProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    serve.readUntilReady();
    return serve;
  }

  /** On free ports. */
  static ServeProcess startOnFreePorts(Path data) throws IOException {
    return start(data, "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--rtp-ports", "0");
  }

  private void readUntilReady() throws IOException {
    BufferedReader reader = process.inputReader();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        http = ready.group(1);
        sip = ready.group(2);
        Thread.ofVirtual().start(() -> drain(reader));
        return;
      }
    }
  }

  private void drain(BufferedReader reader) {
    try {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (lines) {
          lines.add(line);
        }
      }
    } catch (IOException processIsGone) {
      // Nothing more is to be read.
    }
  }

  boolean isReady() {
    return !http.isEmpty();
  }

  String http() {
    return http;
  }

  String sip() {
    return sip;
  }

  String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  void terminate() {
    // Not Process.destroy(), which closes what it still says to us.
    process.toHandle().destroy();
  }

  int exitStatus() throws InterruptedException {
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      throw new AssertionError("does not end:\n" + output());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
