package org.linescribe.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.linescribe.testcalls.load.GatewayUsage;

/** {@code ./linescribe serve} in a process of its own, and what Linux says of that process. */
public final class GatewayProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) sip=(\\S+)");

  private final Process process;
  private final GatewayUsage usage;
  private final String http;
  private final String sip;
  private final long readyMs;
  private final AtomicLong logLines = new AtomicLong();
  private final AtomicLong logBytes = new AtomicLong();

  private GatewayProcess(Process process, String http, String sip, long readyMs) {
    this.readyMs = readyMs;
    this.process = process;
    this.usage = GatewayUsage.of(process.pid());
    this.http = http;
    this.sip = sip;
  }

  /**
   * Starts it on free ports with the limits raised to what the run needs.
   *
   * @param log where its output goes
   * @param settings further ones, KEY=VALUE
   */
  static GatewayProcess start(
      Path root,
      Path data,
      Path log,
      String model,
      int clients,
      int audioSocketPort,
      String... settings)
      throws IOException {
    int limit = 2 * clients + 10;
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("linescribe.command", root.resolve("linescribe").toString())
                    .split(" ")));
    command.addAll(
        List.of(
            "serve",
            "--http",
            "127.0.0.1:0",
            "--sip",
            "127.0.0.1:0",
            "--rtp-ports",
            "0",
            "--data",
            data.toString(),
            "--model",
            model,
            "--set",
            "linescribe.audiosocket.bind=127.0.0.1:" + audioSocketPort,
            "--set",
            "linescribe.session.max-sources=" + limit,
            "--set",
            "linescribe.audio-sessions.max-sessions=" + limit,
            "--set",
            "linescribe.files.max-queue=" + limit,
            "--set",
            "linescribe.files.max-queue-per-client=" + limit,
            "--set",
            "linescribe.files.directory=" + data.resolve("uploads")));
    for (String setting : settings) {
      command.addAll(List.of("--set", setting));
    }
    return start(command, log);
  }

  /** Starts it by a command, and waits until it takes calls. */
  public static GatewayProcess start(List<String> command, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LINESCRIBE_JAVA_OPTS", "-Xmx1g");
    long startNs = System.nanoTime();
    Process process = builder.redirectErrorStream(true).start();
    BufferedReader output = process.inputReader();
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.append(line).append('\n');
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        GatewayProcess started =
            new GatewayProcess(
                process, ready.group(1), ready.group(2), (System.nanoTime() - startNs) / 1_000_000);
        Thread.ofVirtual().start(() -> started.keep(output, log));
        return started;
      }
    }
    throw new IOException("the gateway does not start:\n" + said);
  }

  private void keep(BufferedReader output, Path log) {
    try (var writer = Files.newBufferedWriter(log)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        writer.append(line).append('\n');
        logLines.incrementAndGet();
        logBytes.addAndGet(line.length() + 1L);
      }
    } catch (IOException processIsGone) {
      // Nothing more is to be read.
    }
  }

  /** Lines that it has logged since it was ready. */
  public long logLines() {
    return logLines.get();
  }

  /** Their length in characters. */
  public long logBytes() {
    return logBytes.get();
  }

  /** From its start to its line "ready". */
  long readyMs() {
    return readyMs;
  }

  /** HOST:PORT of SIP. */
  public String sip() {
    return sip;
  }

  /** HOST:PORT. */
  public String http() {
    return http;
  }

  int port() {
    return Integer.parseInt(http.substring(http.lastIndexOf(':') + 1));
  }

  private Path proc(String name) {
    return Path.of("/proc", Long.toString(process.pid()), name);
  }

  private long status(String key) throws IOException {
    try (Stream<String> lines = Files.lines(proc("status"))) {
      String line = lines.filter(l -> l.startsWith(key + ":")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
  }

  long rssMiB() throws IOException {
    return status("VmRSS") / 1024;
  }

  long threads() throws IOException {
    return status("Threads");
  }

  long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(proc("fd"))) {
      return files.count();
    }
  }

  /** Its own and that of its child processes, those that have ended included. */
  public double cpuSeconds() throws IOException {
    return usage.cpuSeconds();
  }

  /** What is alive on its heap, after a collection that jcmd asks for. */
  long liveHeapMiB() throws IOException, InterruptedException {
    jcmd("GC.run");
    Matcher used = Pattern.compile("used (\\d+)K").matcher(jcmd("GC.heap_info"));
    return used.find() ? Long.parseLong(used.group(1)) / 1024 : -1;
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(process.pid()),
                    command))
            .redirectErrorStream(true)
            .start();
    String answer = new String(jcmd.getInputStream().readAllBytes());
    jcmd.waitFor();
    return answer;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.toHandle().destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stop) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
