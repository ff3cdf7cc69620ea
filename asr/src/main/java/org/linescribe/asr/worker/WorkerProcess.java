package org.linescribe.asr.worker;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;

/**
 * A running worker, as the gateway sees it. It ends when its standard input does, which is when
 * this process ends in whatever way.
 *
 * <p>Thread: any.
 */
final class WorkerProcess implements AutoCloseable {
  /** Bytes of the address of a Unix domain socket, on the strictest system. */
  private static final int MAX_PATH_BYTES = 103;

  private static final int TAIL_BYTES = 4000;
  private static final Duration POLL = Duration.ofMillis(20);

  private final Process process;
  private final Path socket;
  private final StringBuffer said = new StringBuffer();
  private final Thread reading;
  private final Deque<WorkerConnection> idle = new ConcurrentLinkedDeque<>();
  private final Set<WorkerConnection> all = ConcurrentHashMap.newKeySet();
  private volatile boolean broken;
  private volatile String why = "";
  private volatile Messages.@Nullable Served served;

  /** Streams and detectors that live in it, and requests under way. */
  final AtomicInteger load = new AtomicInteger();

  /** Numbers of streams that it may forget; told with the next step. */
  final Queue<Long> closedStreams = new ConcurrentLinkedQueue<>();

  final Queue<Long> closedDetectors = new ConcurrentLinkedQueue<>();

  private WorkerProcess(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
    this.reading = Thread.ofPlatform().daemon().name("asr-worker-stderr").start(this::readErrors);
  }

  /**
   * Starts one and waits until it serves, on a socket in a folder of its own that only this user
   * enters.
   *
   * @throws RecogniserException when it ends or takes longer; it names what became of it and its
   *     last words
   */
  static WorkerProcess start(WorkerPool.Launcher launcher, Duration atMost) {
    WorkerProcess worker;
    try {
      Path socket = Files.createTempDirectory("linescribe-worker").resolve("socket");
      if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
        delete(socket.getParent());
        throw new RecogniserException(
            socket + ": too long for a socket (expected: a shorter java.io.tmpdir)");
      }
      worker = new WorkerProcess(launch(launcher, socket), socket);
    } catch (IOException e) {
      throw new RecogniserException("a worker process cannot be started: " + e.getMessage(), e);
    }
    try {
      worker.served = worker.awaitServing(System.nanoTime() + atMost.toNanos());
      return worker;
    } catch (RuntimeException | Error failed) {
      worker.close();
      throw failed;
    }
  }

  private static Process launch(WorkerPool.Launcher launcher, Path socket) throws IOException {
    try {
      return launcher.launch(socket);
    } catch (IOException failed) {
      delete(socket.getParent());
      throw failed;
    }
  }

  private Messages.Served awaitServing(long untilNs) {
    try {
      while (!Files.exists(socket)) {
        if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new RecogniserException("a worker process did not start: it " + awaitEnd());
        }
        if (System.nanoTime() - untilNs > 0) {
          throw new RecogniserException(
              "a worker process did not serve in time" + ChildJvm.reason(said.toString()));
        }
      }
      return hello();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecogniserException("the start of a worker process was interrupted", e);
    }
  }

  private Messages.Served hello() {
    // The socket's file is there a moment before it listens.
    for (int attempt = 0; ; attempt++) {
      try {
        WorkerConnection first = borrow();
        first.request(Messages.HELLO).put(Messages.VERSION);
        first.send();
        Messages.Served answer = first.receive(Messages.Served::read);
        release(first);
        return answer;
      } catch (ConnectException early) {
        if (attempt == 100) {
          throw new RecogniserException("a worker process does not listen", early);
        }
        pause();
      } catch (IOException e) {
        throw new RecogniserException("a worker process is not one of this build: " + e, e);
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecogniserException("the start of a worker process was interrupted", e);
    }
  }

  private void readErrors() {
    try (InputStream err = process.getErrorStream()) {
      byte[] piece = new byte[1024];
      for (int read = err.read(piece); read >= 0; read = err.read(piece)) {
        said.append(new String(piece, 0, read, StandardCharsets.UTF_8));
        said.delete(0, Math.max(0, said.length() - TAIL_BYTES));
      }
    } catch (IOException ended) {
      // With the process.
    }
  }

  /** What it serves. */
  Messages.Served served() {
    return Objects.requireNonNull(served);
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return !broken && process.isAlive();
  }

  /** A connection that nobody uses; give it back by {@link #release} or {@link #broken}. */
  WorkerConnection borrow() throws IOException {
    WorkerConnection kept = idle.pollFirst();
    if (kept != null) {
      return kept;
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException refused) {
      channel.close();
      throw refused;
    }
    WorkerConnection made = new WorkerConnection(channel);
    all.add(made);
    return made;
  }

  void release(WorkerConnection connection) {
    idle.addFirst(connection);
  }

  /** Nothing more is to be had of it: it is killed, where it has not ended. Idempotent. */
  void broken(IOException found) {
    broken(found instanceof ProtocolException ? "answered wrongly, " + found.getMessage() : "");
  }

  private void broken(String reason) {
    if (!broken) {
      why = reason;
      broken = true;
    }
    process.destroyForcibly();
  }

  /** Kills it when an answer has taken longer. */
  void checkAnswers(long nowNs, Duration atMost) {
    for (WorkerConnection connection : all) {
      if (connection.isOverdue(nowNs, atMost.toNanos())) {
        broken("gave no answer in " + atMost.toSeconds() + " s");
      }
    }
  }

  /** Waits for its end; what became of it, in words. */
  String awaitEnd() throws InterruptedException {
    int status = process.waitFor();
    reading.join(Duration.ofSeconds(2));
    String fate = ChildJvm.fate(status) + ChildJvm.reason(said.toString());
    return why.isEmpty() ? fate : why + ", and " + fate;
  }

  /** Ends it, kills it where it does not end by itself. */
  @Override
  public void close() {
    broken = true;
    try {
      process.getOutputStream().close();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException gone) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    all.forEach(WorkerConnection::close);
    all.clear();
    delete(socket.getParent());
  }

  private static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException left) {
      // The worker itself deleted it, or it stays behind as an empty one.
    }
  }
}
