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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
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

  /** Decoding that is slower than that is of no use. */
  private static final int TIMES_REAL_TIME = 10;

  private static final String LATE = "did not serve in time";
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

  /** Of requests to it; fair, so that none waits for more than was asked before. */
  final ReentrantReadWriteLock turns = new ReentrantReadWriteLock(true);

  /** Languages that it can be told. */
  final Set<String> preparedLanguages = ConcurrentHashMap.newKeySet();

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
      Path socket = WorkerSocket.create();
      if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
        WorkerSocket.delete(socket);
        throw new RecogniserException(
            socket + ": too long for a socket (expected: a shorter java.io.tmpdir)");
      }
      worker = launch(launcher, socket);
    } catch (IOException e) {
      throw new RecogniserException("a worker process cannot be started: " + e.getMessage(), e);
    }
    CompletableFuture<Void> inTime = new CompletableFuture<>();
    try {
      // One that listens but does not answer ends by this, and with it its connection.
      inTime
          .orTimeout(atMost.toNanos(), TimeUnit.NANOSECONDS)
          .exceptionally(
              _ -> {
                worker.broken(LATE);
                return null;
              });
      worker.served = worker.awaitServing(System.nanoTime() + atMost.toNanos());
      return worker;
    } catch (RuntimeException | Error failed) {
      worker.close();
      throw failed;
    } finally {
      inTime.complete(null);
    }
  }

  private static WorkerProcess launch(WorkerPool.Launcher launcher, Path socket)
      throws IOException {
    Process process = null;
    try {
      process = launcher.launch(socket);
      return new WorkerProcess(process, socket);
    } catch (IOException | RuntimeException | Error failed) {
      if (process != null) {
        process.destroyForcibly();
      }
      WorkerSocket.delete(socket);
      throw failed;
    }
  }

  private Messages.Served awaitServing(long untilNs) {
    try {
      while (!Files.exists(socket)) {
        if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS) && !broken) {
          throw new RecogniserException("a worker process did not start: it " + awaitEnd());
        }
        if (broken || System.nanoTime() - untilNs > 0) {
          throw late();
        }
      }
      return hello();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecogniserException("the start of a worker process was interrupted", e);
    }
  }

  private RecogniserException late() {
    return new RecogniserException("a worker process " + LATE + ChildJvm.reason(said.toString()));
  }

  private Messages.Served hello() {
    // The socket's file is there a moment before it listens.
    for (int attempt = 0; ; attempt++) {
      try {
        return ask(request -> request.put(Messages.VERSION), Messages.HELLO, Messages.Served::read);
      } catch (ConnectException early) {
        if (attempt == 100) {
          throw new RecogniserException("a worker process does not listen", early);
        }
        pause();
      } catch (IOException e) {
        if (broken) {
          throw late();
        }
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

  /**
   * Asks it and waits for the answer.
   *
   * @throws RecogniserException when it refuses; it goes on serving
   */
  <T> T ask(Consumer<Frame> request, int kind, WorkerConnection.Reader<T> reader)
      throws IOException {
    WorkerConnection connection = borrow();
    boolean sound = false;
    try {
      request.accept(connection.request(kind));
      connection.send();
      T answer = connection.receive(reader);
      sound = true;
      return answer;
    } catch (RecogniserException refused) {
      sound = true;
      throw refused;
    } finally {
      if (sound) {
        release(connection);
      } else {
        discard(connection);
      }
    }
  }

  /**
   * Makes it ready to be told a language; blocks for some seconds where a model is loaded.
   *
   * @return false where it cannot be told it now, or has ended
   */
  boolean prepare(String language) {
    try {
      boolean isPrepared =
          ask(request -> request.put(language), Messages.PREPARE, answer -> answer.getBoolean());
      if (isPrepared) {
        preparedLanguages.add(language);
      }
      return isPrepared;
    } catch (IOException | RecogniserException lost) {
      // Its successor is asked when it starts.
      return false;
    }
  }

  /** A connection that nobody uses; give it back by {@link #release} or {@link #discard}. */
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

  /** For one in which a message may be cut off. */
  void discard(WorkerConnection connection) {
    all.remove(connection);
    connection.close();
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

  /**
   * Kills it when an answer has taken longer.
   *
   * @param atMost beside {@value #TIMES_REAL_TIME} times the duration of the request's audio
   */
  void checkAnswers(long nowNs, Duration atMost) {
    double perSampleNs = TIMES_REAL_TIME * 1e9 / Math.max(1, served().sampleRateHz());
    for (WorkerConnection connection : all) {
      if (connection.isOverdue(nowNs, atMost.toNanos(), perSampleNs)) {
        broken("gave no answer in time (" + atMost.toSeconds() + " s and the audio's)");
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
    WorkerSocket.delete(socket);
  }
}
