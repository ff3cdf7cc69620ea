package org.linescribe.testsupport.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB server of a test's own, which can be killed and started again on its port and data.
 * Commits go to the disk, as in production. Everybody may do everything. Thread: one at a time.
 */
public final class OwnMariaDb implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final int PORT_TRIES = 3;

  private final MariaDbRun run;
  private final String address;
  private final List<String> more;
  private int port;
  private @Nullable Process process;

  /**
   * Starts it.
   *
   * @param address of this machine, to listen on
   * @param more arguments of {@code mariadbd}
   */
  public OwnMariaDb(String address, String... more) throws IOException, InterruptedException {
    this.run = MariaDbRun.prepare();
    this.address = address;
    this.more = List.of(more);
    for (int i = 1; ; i++) {
      port = FreePort.now();
      try {
        start();
        return;
      } catch (IOException taken) {
        if (i == PORT_TRIES) {
          throw taken;
        }
      }
    }
  }

  /** Returns when it takes connections. */
  public void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            run.base().resolve("bin/mariadbd").toString(),
            "--no-defaults",
            "--user=root",
            "--skip-grant-tables",
            "--basedir=" + run.base(),
            "--datadir=" + run.folder().resolve("data"),
            "--tmpdir=" + run.folder().resolve("tmp"),
            "--socket=" + run.folder().resolve("socket"),
            "--pid-file=" + run.folder().resolve("pid"),
            "--bind-address=" + address,
            "--port=" + port,
            "--innodb-log-file-size=8M",
            "--innodb-buffer-pool-size=32M",
            "--max-connections=300"));
    command.addAll(more);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(run.folder().resolve("log").toFile()));
    builder.environment().put("LD_LIBRARY_PATH", run.base().resolve("libs").toString());
    Process started = builder.start();
    process = started;
    long untilNs = System.nanoTime() + START.toNanos();
    while (!answers()) {
      if (started.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new IOException("mariadbd ended with " + started.exitValue() + "; see " + log());
      }
      if (System.nanoTime() > untilNs) {
        kill();
        throw new IOException("mariadbd does not answer; see " + log());
      }
    }
  }

  /** Its greeting is the first byte of a connection. */
  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1000);
      socket.setSoTimeout(1000);
      return socket.getInputStream().read() >= 0;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** By SIGKILL; returns when it is gone. */
  public void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
    }
  }

  public Path log() {
    return run.folder().resolve("log");
  }

  public int port() {
    return port;
  }

  /** The address of a database, which need not exist. */
  public String url(String database) {
    return "jdbc:mysql://" + address + ":" + port + "/" + database;
  }

  @Override
  public void close() throws IOException {
    kill();
    run.delete();
  }
}
