package org.linescribe.testsupport.servers;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.Tool;

/**
 * Debian's {@code redis-server} as a process of a test's own, which can be killed and started again
 * on its port, with or without its data. Thread: one at a time.
 */
public final class RedisProcess implements TestRedis {
  private static final Duration START = Duration.ofMinutes(1);
  private static final int PORT_TRIES = 10;

  /** A cluster's nodes talk to each other 10000 ports higher. */
  private static final int HIGHEST_PORT = 55_535;

  private final Path folder;
  private final String address;
  private final List<String> arguments;
  private int port;
  private @Nullable Process process;

  /**
   * Starts a server that keeps its data.
   *
   * @param address of this machine, to listen on
   * @param folder for its data and log; the caller's to delete
   * @param more arguments of {@code redis-server}; with {@code --tls-cert-file} it speaks TLS only
   */
  public RedisProcess(String address, Path folder, String... more)
      throws IOException, InterruptedException {
    this(address, folder, server(folder, more));
  }

  private RedisProcess(String address, Path folder, List<String> arguments)
      throws IOException, InterruptedException {
    this.address = address;
    this.folder = Files.createDirectories(folder);
    this.arguments = arguments;
    for (int i = 1; ; i++) {
      do {
        port = FreePort.now();
      } while (port > HIGHEST_PORT);
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

  private static List<String> server(Path folder, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--dir", folder.toString(), "--save", "", "--appendonly", "yes"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /**
   * Starts a Sentinel that makes a replica the master where the master is away for a second.
   *
   * @param name that it calls the master by
   */
  public static RedisProcess sentinel(Path folder, String name, RedisProcess master)
      throws IOException, InterruptedException {
    Path configuration =
        Files.writeString(
            Files.createDirectories(folder).resolve("sentinel.conf"),
            """
            dir %s
            sentinel monitor %s %s %d 1
            sentinel down-after-milliseconds %s 1000
            sentinel failover-timeout %s 10000
            """
                .formatted(folder, name, master.address, master.port, name, name));
    return new RedisProcess(
        master.address, folder, List.of(configuration.toString(), "--sentinel"));
  }

  /** Starts a cluster of three masters, each with a replica. */
  public static List<RedisProcess> cluster(String address, Path folder)
      throws IOException, InterruptedException {
    List<RedisProcess> nodes = new ArrayList<>();
    String cli = Path.of(Tool.REDIS.path()).resolveSibling("redis-cli").toString();
    List<String> join = new ArrayList<>(List.of(cli, "--cluster", "create"));
    for (int i = 0; i < 6; i++) {
      RedisProcess node =
          new RedisProcess(
              address,
              folder.resolve("node-" + i),
              "--cluster-enabled",
              "yes",
              "--cluster-node-timeout",
              "1000");
      nodes.add(node);
      join.add(address + ":" + node.port);
    }
    join.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
    Process joining = new ProcessBuilder(join).redirectErrorStream(true).start();
    String said = new String(joining.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (joining.waitFor() != 0) {
      nodes.forEach(RedisProcess::close);
      throw new IOException("redis-cli makes no cluster: " + said);
    }
    // A replica that has never been in step with its master does not take its place.
    for (RedisProcess node : nodes) {
      await().atMost(Patience.LIMIT).until(() -> node.isInStep(cli));
    }
    return nodes;
  }

  /** Of a master and its replica: whether the replica has all that the master has. */
  private boolean isInStep(String cli) throws IOException, InterruptedException {
    List<String> asking =
        List.of(cli, "-h", address, "-p", Integer.toString(port), "info", "replication");
    String state = ProgramRun.of(folder, asking, Map.of()).output();
    return state.contains("master_link_status:up") || state.contains("state=online");
  }

  /** Returns when it takes connections. */
  public void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Tool.REDIS.path()));
    command.addAll(arguments);
    command.addAll(List.of("--bind", address, "--protected-mode", "no"));
    if (isTls()) {
      command.addAll(List.of("--port", "0", "--tls-port", Integer.toString(port)));
    } else {
      command.addAll(List.of("--port", Integer.toString(port)));
    }
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    process = started;
    long untilNs = System.nanoTime() + START.toNanos();
    while (!answers()) {
      if (started.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new IOException("redis-server ended with " + started.exitValue());
      }
      if (System.nanoTime() > untilNs) {
        kill();
        throw new IOException("redis-server does not answer; see " + folder.resolve("log"));
      }
    }
  }

  private boolean isTls() {
    return arguments.contains("--tls-cert-file");
  }

  /** Anything but silence or {@code -LOADING}; one that wants a password answers too. */
  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1000);
      socket.setSoTimeout(1000);
      if (isTls()) {
        return true;
      }
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(5);
      return answer.length == 5 && !new String(answer, StandardCharsets.US_ASCII).equals("-LOAD");
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

  /** Deletes what it would load at its next start; it must not run. */
  public void forget() throws IOException {
    Path data = folder.resolve("appendonlydir");
    if (Files.exists(data)) {
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String url() {
    return (isTls() ? "rediss://" : "redis://") + address + ":" + port;
  }

  @Override
  public void close() {
    kill();
  }
}
