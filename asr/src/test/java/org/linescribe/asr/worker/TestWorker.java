package org.linescribe.asr.worker;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.testsupport.Patience;

/**
 * A worker process without a native model: hears a word wherever a sample is 1, ends as a crash
 * does at {@link #CRASH}, hangs at {@link #HANG}, fails at {@link #FAIL}, says at {@link #COUNT}
 * how many streams are open. To be prepared for a "language", a folder, it puts a file there and
 * waits until there is one of another worker that lives, or one that is named {@link #GO_ON}. It
 * may be asked twice for one language, as every worker may.
 */
final class TestWorker {
  static final int CHUNK = 1600;
  static final float WORD = 1;
  static final float CRASH = -1;
  static final float HANG = -0.5f;
  static final float FAIL = 0.25f;
  static final float COUNT = 0.5f;

  static final String GO_ON = "go-on";

  private static final AtomicInteger OPEN = new AtomicInteger();

  private TestWorker() {}

  /** Starts one that does what its first argument says. */
  static WorkerPool.Launcher that(String does) {
    return socket ->
        ChildJvm.of(
                TestWorker.class,
                socket.getParent(),
                List.of("-Xmx64m"),
                List.of(does, socket.toString()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  public static void main(String[] arguments) throws IOException {
    Path socket = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "serves" -> WorkerServer.streaming(socket, new Engine()).run();
      case "serves whole" -> WorkerServer.whole(socket, new Whole(), null, null).run();
      case "says nothing" -> sayNothing(socket);
      case "cannot load" -> {
        System.err.println("tokens.txt: line 3 is malformed");
        System.exit(3);
      }
      case "speaks garbage" -> speakGarbage(socket);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void sayNothing(Path socket) throws IOException {
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(socket));
      List<SocketChannel> held = new ArrayList<>();
      while (true) {
        held.add(listening.accept());
      }
    }
  }

  private static void speakGarbage(Path socket) throws IOException {
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(socket));
      while (true) {
        SocketChannel connection = listening.accept();
        connection.write(ByteBuffer.wrap("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes()));
      }
    }
  }

  /** Ends its process at {@link #CRASH} once something else is decoded too, or after a while. */
  private static final class Whole implements WholeDecoder {
    private static final long WHILE_MS = 500;

    private final Semaphore others = new Semaphore(0);
    private final CountDownLatch never = new CountDownLatch(1);

    @Override
    public int sampleRateHz() {
      return 16_000;
    }

    @Override
    public int maxMs() {
      return 1000;
    }

    @Override
    public boolean isTimed() {
      return false;
    }

    @Override
    public boolean prepare(String folder) {
      long own = ProcessHandle.current().pid();
      try {
        Files.writeString(Path.of(folder, Long.toString(own)), "");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      String[] none = {};
      await()
          .atMost(Patience.LIMIT)
          .until(
              () ->
                  Arrays.stream(Objects.requireNonNullElse(new File(folder).list(), none))
                      .anyMatch(name -> name.equals(GO_ON) || isOther(Long.parseLong(name), own)));
      return true;
    }

    private static boolean isOther(long pid, long own) {
      return pid != own && ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      if (pcm[0] == FAIL) {
        throw new IllegalArgumentException("no such audio");
      }
      try {
        if (pcm[0] == CRASH) {
          others.tryAcquire(WHILE_MS, TimeUnit.MILLISECONDS);
          Runtime.getRuntime().halt(134);
        }
        // Still under way when something crashes beside it.
        others.release();
        never.await(WHILE_MS, TimeUnit.MILLISECONDS);
        others.tryAcquire();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new Hypothesis("heard", List.of(), startMs, startMs);
    }

    @Override
    public void close() {}
  }

  static final class Engine implements StreamingEngine {
    @Override
    public int sampleRateHz() {
      return 16_000;
    }

    @Override
    public Chunking chunking() {
      return new Chunking(CHUNK, CHUNK);
    }

    @Override
    public EngineStream open() {
      OPEN.incrementAndGet();
      return new Stream();
    }

    @Override
    public void decode(List<? extends EngineStream> ready) {
      ready.forEach(stream -> ((Stream) stream).decode());
    }

    @Override
    public void close() {}
  }

  private static final class Stream implements StreamingEngine.EngineStream {
    private final List<Float> audio = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private int decoded;
    private StreamingEngine.EngineResult latest = result(List.of());

    @Override
    public void accept(float[] pcm, int length) {
      for (int i = 0; i < length; i++) {
        audio.add(pcm[i]);
      }
    }

    @Override
    public void finish() {}

    @Override
    public boolean isReady() {
      return audio.size() - decoded >= CHUNK;
    }

    void decode() {
      for (int i = decoded; i < decoded + CHUNK; i++) {
        if (audio.get(i) == CRASH) {
          System.err.println("onnxruntime gave up");
          Runtime.getRuntime().halt(134);
        }
        if (audio.get(i) == HANG) {
          hang();
        }
        if (audio.get(i) == FAIL) {
          throw new IllegalArgumentException("no such audio");
        }
        if (audio.get(i) == COUNT) {
          words.add(OPEN + " open");
          latest = result(words);
        }
        if (audio.get(i) == WORD) {
          words.add(" w" + words.size());
          latest = result(words);
        }
      }
      decoded += CHUNK;
    }

    private static void hang() {
      while (true) {
        // A native call does not end by an interrupt either.
        LockSupport.park();
        Thread.interrupted();
      }
    }

    private static StreamingEngine.EngineResult result(List<String> words) {
      return new StreamingEngine.EngineResult(
          String.join("", words), words, words.stream().map(_ -> 0L).toList(), List.of());
    }

    @Override
    public StreamingEngine.EngineResult result() {
      return latest;
    }

    @Override
    public void close() {
      OPEN.decrementAndGet();
    }
  }
}
