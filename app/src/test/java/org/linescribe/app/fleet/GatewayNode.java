package org.linescribe.app.fleet;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.linescribe.testsupport.ProcessSignal;

/**
 * {@code linescribe serve} of one machine of the fleet: a process that is killed, stopped and
 * started again, always at the same addresses and with the same data folder. Thread: one at a time;
 * accessors any.
 */
final class GatewayNode implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final int number;
  private final FleetNetwork.Host host;
  private final Path data;
  private final Path log;
  private final List<String> arguments;
  private volatile Process process;
  private volatile CompletableFuture<Void> ready = new CompletableFuture<>();

  /**
   * @param folder for its data and its log
   * @param arguments of {@code serve}, without addresses and the data folder
   */
  GatewayNode(int number, FleetNetwork.Host host, Path folder, List<String> arguments)
      throws IOException {
    this.number = number;
    this.host = host;
    this.data = Files.createDirectories(folder.resolve("gateway-" + number));
    this.log = folder.resolve("gateway-" + number + ".log");
    this.arguments = List.copyOf(arguments);
  }

  /** Returns at once; see {@link #awaitReady}. */
  void start() throws IOException {
    List<String> command = new ArrayList<>(host.launcher());
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            // It lives for a minute: what C2 compiles costs more than it saves.
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "org.linescribe.app.Linescribe",
            "serve",
            "--data",
            data.toString(),
            "--http",
            http(),
            "--sip",
            sip()));
    command.addAll(arguments);
    CompletableFuture<Void> whenReady = new CompletableFuture<>();
    Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
    ready = whenReady;
    process = started;
    Thread.ofVirtual().start(() -> read(started, whenReady));
  }

  private void read(Process from, CompletableFuture<Void> whenReady) {
    try (BufferedReader lines = from.inputReader();
        BufferedWriter to =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        to.write(line + "\n");
        to.flush();
        if (line.startsWith("ready http=")) {
          whenReady.complete(null);
        }
      }
    } catch (IOException gone) {
      // Nothing more is to be read.
    } finally {
      whenReady.completeExceptionally(new IOException("gateway " + number + " ended; see " + log));
    }
  }

  void awaitReady() throws IOException, InterruptedException {
    try {
      ready.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("gateway " + number + " is not ready; see " + log, e);
    }
  }

  int number() {
    return number;
  }

  String address() {
    return host.address();
  }

  String http() {
    return host.address() + ":8000";
  }

  String sip() {
    return host.address() + ":5060";
  }

  Path data() {
    return data;
  }

  Path log() {
    return log;
  }

  long pid() {
    return process.pid();
  }

  boolean isRunning() {
    Process now = process;
    return now != null && now.isAlive();
  }

  /** Whether it came up after its last start. */
  boolean wasReady() {
    return ready.isDone() && !ready.isCompletedExceptionally();
  }

  /** By SIGKILL; returns when it is gone. */
  void kill() {
    Process now = process;
    if (now != null) {
      now.destroyForcibly().onExit().join();
    }
  }

  /** By SIGSTOP: it neither answers nor closes anything. */
  void freeze() throws IOException, InterruptedException {
    ProcessSignal.send("STOP", process.pid());
  }

  void thaw() throws IOException, InterruptedException {
    ProcessSignal.send("CONT", process.pid());
  }

  /** By SIGTERM; returns its exit status. */
  int terminate() throws IOException, InterruptedException {
    ProcessSignal.send("TERM", process.pid());
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("gateway " + number + " does not end; see " + log);
    }
    return process.exitValue();
  }

  /** A worker process of its model, where it has one. */
  Optional<ProcessHandle> worker() {
    return process.toHandle().children().findFirst();
  }

  @Override
  public void close() {
    kill();
  }
}
