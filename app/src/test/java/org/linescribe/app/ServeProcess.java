package org.linescribe.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code linescribe serve} or {@code demo} as its users run it: a process of its own, killed by
 * signals. It serves the model of digits, which the recorded calls speak.
 */
final class ServeProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) sip=(\\S+)");

  /** A loaded machine needs half a minute to start it; this is for one that hangs. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Process process;
  private final Thread reader;
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final List<String> lines = new ArrayList<>();
  private volatile String http = "";
  private volatile String sip = "";

  private ServeProcess(Process process) {
    this.process = process;
    reader = Thread.ofVirtual().start(this::read);
  }

  static ServeProcess start(Path data, String... more) throws IOException, InterruptedException {
    return startUnder(List.of(), data, more);
  }

  /** By a program that becomes the gateway. Returns when it is ready or has ended. */
  static ServeProcess startUnder(List<String> launcher, Path data, String... more)
      throws IOException, InterruptedException {
    return start(launcher, "serve", data, more);
  }

  /** {@code linescribe demo}, which is ready before it calls itself. */
  static ServeProcess startDemo(Path data, String... more)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    // What is shown is the words, however late this machine recognises them.
    for (String setting : TestGateway.UNHURRIED) {
      arguments.addAll(List.of("--set", setting.substring(2)));
    }
    arguments.addAll(List.of(more));
    return start(List.of(), "demo", data, arguments.toArray(String[]::new));
  }

  private static ServeProcess start(
      List<String> launcher, String subcommand, Path data, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            // It lives for seconds: what C2 compiles costs more than it saves, 11 s of processor
            // time
            // until it is ready instead of 5.5.
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-cp",
            System.getProperty("java.class.path"),
            Linescribe.class.getName(),
            subcommand,
            "--data",
            data.toString()));
    if (subcommand.equals("serve")) {
      command.addAll(List.of("--model", "telephony-digits-en"));
    }
    command.addAll(List.of(more));
    ServeProcess serve =
        new ServeProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    serve.awaitStart();
    return serve;
  }

  /** On free ports. */
  static ServeProcess startOnFreePorts(Path data, String... more)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of("--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--rtp-ports", "0"));
    arguments.addAll(List.of(more));
    return start(data, arguments.toArray(String[]::new));
  }

  private void awaitStart() throws InterruptedException {
    try {
      started.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new AssertionError("neither ready nor ended:\n" + output(), e);
    }
  }

  private void read() {
    try (BufferedReader from = process.inputReader()) {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        synchronized (lines) {
          lines.add(line);
        }
        Matcher ready = READY.matcher(line);
        if (ready.find()) {
          http = ready.group(1);
          sip = ready.group(2);
          started.complete(null);
        }
      }
    } catch (IOException processIsGone) {
      // Nothing more is to be read.
    } finally {
      started.complete(null);
    }
  }

  long pid() {
    return process.pid();
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

  /** Waits for its end; {@link #output()} is whole then. */
  int exitStatus() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("does not end:\n" + output());
    }
    reader.join(PATIENCE);
    return process.exitValue();
  }

  @Override
  public void close() {
    kill();
  }

  /** By SIGKILL; waits until it writes no more: its folder is the test's to delete. */
  void kill() {
    try {
      process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
