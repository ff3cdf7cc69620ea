package org.linescribe.media.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.codec.Pcm16;

/**
 * Decodes one stream while it arrives: compressed bytes in, cut anywhere, PCM out to the sink. One
 * FFmpeg process with two reading threads: the pump, which carries PCM to the sink, and the reader
 * of its messages. It ends in exactly one way, which {@link #finish} tells.
 *
 * <p>A codec holds audio back until it has a whole frame, and its rate converter a few milliseconds
 * more; {@link #finish} brings out the last of it. Back-pressure goes both ways: a slow sink stops
 * the child, a child that does not read blocks {@link #write}.
 *
 * <p>Thread: {@code write} and {@code finish} by one thread at a time, which they may block (a
 * virtual thread may call them); everything else any.
 */
public final class FfmpegDecoder implements AutoCloseable {
  private static final int PIECE_BYTES = 32 * 1024;
  private static final long STDERR_DRAIN_MS = 2000;

  private final Process process;
  private final DecodeRequest request;
  private final PcmSink sink;
  private final DecodeProgress progress;
  private final StderrReader messages;
  private final Thread messagesThread;
  private final OutputStream stdin;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final AtomicReference<@Nullable DecodeException> failure = new AtomicReference<>();
  private final LongSupplier nanoClock;
  private final long startedNs;
  private volatile long lastProgressNs;
  private volatile boolean inSink;
  private volatile boolean writing;
  private volatile boolean inputEnded;
  private volatile long inputBytes;
  private volatile long outputBytes;
  private volatile @Nullable Future<?> watch;

  private FfmpegDecoder(
      Process process,
      boolean ownsInput,
      DecodeRequest request,
      PcmSink sink,
      DecodeProgress progress,
      LongSupplier nanoClock) {
    this.process = process;
    this.request = request;
    this.sink = sink;
    this.progress = progress;
    this.nanoClock = nanoClock;
    this.startedNs = nanoClock.getAsLong();
    this.lastProgressNs = startedNs;
    this.inputEnded = !ownsInput;
    this.stdin = process.getOutputStream();
    this.messages = new StderrReader(process.getErrorStream(), process.pid());
    this.messagesThread = daemon("ffmpeg-messages-" + process.pid(), messages);
  }

  /** Platform threads: reading a pipe blocks a virtual thread's carrier. */
  private static Thread daemon(String name, Runnable task) {
    return Thread.ofPlatform().daemon().name(name).stackSize(256 * 1024).unstarted(task);
  }

  static FfmpegDecoder start(
      List<String> command,
      @Nullable Path file,
      DecodeRequest request,
      PcmSink sink,
      DecodeProgress progress,
      LongSupplier nanoClock)
      throws DecodeException {
    ProcessBuilder builder = new ProcessBuilder(command);
    if (file != null) {
      builder.redirectInput(file.toFile());
    }
    Map<String, String> environment = builder.environment();
    String libraries = environment.get("LD_LIBRARY_PATH");
    // No secrets of the gateway's environment in a process that parses strangers' bytes.
    environment.clear();
    environment.put("LC_ALL", "C");
    environment.put("AV_LOG_FORCE_NOCOLOR", "1");
    // glibc reserves 64 MiB of address space per arena, which the memory limit would count.
    environment.put("MALLOC_ARENA_MAX", "1");
    if (libraries != null) {
      environment.put("LD_LIBRARY_PATH", libraries);
    }
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new DecodeException(
          DecodeException.Reason.UNAVAILABLE, "FFmpeg does not start: " + e.getMessage(), e);
    }
    try {
      FfmpegDecoder child =
          new FfmpegDecoder(process, file == null, request, sink, progress, nanoClock);
      child.messagesThread.start();
      daemon("ffmpeg-pump-" + process.pid(), child::pump).start();
      return child;
    } catch (RuntimeException | Error noThread) {
      process.destroyForcibly();
      throw noThread;
    }
  }

  void onExit(Runnable action) {
    process.onExit().thenRun(action);
  }

  void onFault(Runnable action) {
    done.whenComplete(
        (ok, thrown) -> {
          if (thrown instanceof DecodeException e && e.reason().isChildsFault()) {
            action.run();
          }
        });
  }

  void watch(ScheduledExecutorService watchdog, Duration period) {
    Future<?> checks =
        watchdog.scheduleAtFixedRate(
            () -> check(nanoClock.getAsLong()),
            period.toMillis(),
            period.toMillis(),
            TimeUnit.MILLISECONDS);
    watch = checks;
    done.whenComplete((ok, thrown) -> checks.cancel(false));
  }

  private void check(long nowNs) {
    DecodeLimits limits = request.limits();
    if (limits.total().isPositive() && nowNs - startedNs > limits.total().toNanos()) {
      kill(DecodeException.Reason.TOO_LONG, "decoding took more than " + limits.total());
      return;
    }
    if (inSink) {
      lastProgressNs = nowNs;
    } else if ((writing || inputEnded) && nowNs - lastProgressNs > limits.stall().toNanos()) {
      kill(DecodeException.Reason.HUNG, "FFmpeg made no progress for " + limits.stall());
    }
  }

  void kill(DecodeException.Reason reason, String message) {
    failure.compareAndSet(null, new DecodeException(reason, message));
    process.destroyForcibly();
  }

  /**
   * Hands bytes to the child; blocks while its pipe is full.
   *
   * @return false when the stream has reached its own end and these bytes came after it: nothing
   *     was taken, {@link #finish} will succeed
   */
  public boolean write(byte[] bytes, int offset, int length) throws DecodeException {
    throwIfFailed();
    if (done.isDone()) {
      return false;
    }
    lastProgressNs = nanoClock.getAsLong();
    writing = true;
    try {
      int written = 0;
      while (written < length) {
        // In pieces, so that a slow but living child is seen to make progress.
        int piece = Math.min(PIECE_BYTES, length - written);
        stdin.write(bytes, offset + written, piece);
        stdin.flush();
        written += piece;
        inputBytes += piece;
        lastProgressNs = nanoClock.getAsLong();
      }
      return true;
    } catch (IOException brokenPipe) {
      inputEnded = true;
      awaitDone();
      return false;
    } finally {
      writing = false;
    }
  }

  /** Ends the input and blocks until the last of the audio was written to the sink. Idempotent. */
  public void finish() throws DecodeException {
    if (!inputEnded) {
      lastProgressNs = nanoClock.getAsLong();
      inputEnded = true;
      try {
        stdin.close();
      } catch (IOException brokenPipe) {
        // The child is gone already; its exit status says why.
      }
    }
    awaitDone();
  }

  /** Kills the child if it still runs; does not wait. Idempotent. */
  @Override
  public void close() {
    if (!done.isDone()) {
      kill(DecodeException.Reason.CANCELLED, "closed");
    }
  }

  void awaitDone() throws DecodeException {
    try {
      done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill(DecodeException.Reason.CANCELLED, "interrupted");
      throw new DecodeException(DecodeException.Reason.CANCELLED, "interrupted", e);
    } catch (ExecutionException e) {
      throwIfFailed();
      throw new IllegalStateException(e.getCause());
    }
  }

  private void throwIfFailed() throws DecodeException {
    DecodeException known = failure.get();
    if (known != null) {
      throw known.again();
    }
  }

  private void pump() {
    try {
      try (InputStream stdout = process.getInputStream()) {
        carry(stdout);
      } catch (IOException e) {
        // A pipe breaks only by a kill, whose reason is known, or with the process.
        process.destroyForcibly();
      }
      int status = process.waitFor();
      messagesThread.join(STDERR_DRAIN_MS);
      DecodeException ended = ending(status);
      if (ended != null) {
        failure.compareAndSet(null, ended);
      } else if (failure.get() == null) {
        // The length may have been read after the last progress was reported.
        progress.onProgress(outputMs(), messages.durationMs());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill(DecodeException.Reason.CANCELLED, "interrupted");
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(
          null, new DecodeException(DecodeException.Reason.SINK_FAILED, "the sink threw", e));
    } finally {
      process.destroyForcibly();
      closeQuietly();
      DecodeException failed = failure.get();
      if (failed == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failed);
      }
    }
  }

  private void closeQuietly() {
    try {
      stdin.close();
    } catch (IOException brokenPipe) {
      // The child is gone.
    }
  }

  private void carry(InputStream stdout) throws IOException {
    byte[] buffer = new byte[PIECE_BYTES];
    int frameBytes = request.bytesPerFrame();
    int held = 0;
    int read;
    while ((read = stdout.read(buffer, held, buffer.length - held)) >= 0) {
      lastProgressNs = nanoClock.getAsLong();
      int available = held + read;
      int whole = available - available % frameBytes;
      if (outputBytes + whole > request.limits().outputBytes()) {
        kill(
            DecodeException.Reason.TOO_MUCH_OUTPUT,
            "more than " + request.limits().outputBytes() + " bytes of audio");
        return;
      }
      if (whole > 0 && !deliver(buffer, whole)) {
        return;
      }
      held = available - whole;
      System.arraycopy(buffer, whole, buffer, 0, held);
    }
  }

  private boolean deliver(byte[] buffer, int length) {
    // After a kill the rest in the pipe is not wanted any more.
    if (failure.get() != null) {
      return false;
    }
    inSink = true;
    try {
      sink.accept(Pcm16.samples(buffer, 0, length));
      outputBytes += length;
      progress.onProgress(outputMs(), messages.durationMs());
      return true;
    } catch (IOException e) {
      failure.compareAndSet(
          null,
          new DecodeException(
              DecodeException.Reason.SINK_FAILED,
              "the audio cannot be taken: " + e.getMessage(),
              e));
      process.destroyForcibly();
      return false;
    } finally {
      lastProgressNs = nanoClock.getAsLong();
      inSink = false;
    }
  }

  private @Nullable DecodeException ending(int status) {
    String said = messages.lastError();
    String tail = said.isEmpty() ? "" : ": " + said;
    if (status == 0) {
      return outputBytes > 0
          ? null
          : new DecodeException(DecodeException.Reason.EMPTY, "no audio came out" + tail);
    }
    int signal = status - 128;
    if (signal == 24) {
      return new DecodeException(DecodeException.Reason.TOO_LONG, "processor time used up");
    }
    if (messages.outOfMemory() || said.contains("failed to map segment")) {
      return new DecodeException(DecodeException.Reason.TOO_MUCH_MEMORY, "out of memory" + tail);
    }
    if (signal > 0 && signal < 32) {
      return new DecodeException(
          DecodeException.Reason.CRASHED, "FFmpeg was ended by signal " + signal + tail);
    }
    if (status == 126 || status == 127) {
      return new DecodeException(
          DecodeException.Reason.UNAVAILABLE, "FFmpeg does not run here" + tail);
    }
    return new DecodeException(DecodeException.Reason.UNREADABLE, "not decodable" + tail);
  }

  private long outputMs() {
    return outputFrames() * 1000 / request.sampleRateHz();
  }

  /** Frames that were written to the sink. */
  public long outputFrames() {
    return outputBytes / request.bytesPerFrame();
  }

  /** Compressed bytes handed over so far. */
  public long inputBytes() {
    return inputBytes;
  }

  /** The process, for an operator and for tests that disturb it. */
  public long pid() {
    return process.pid();
  }

  public boolean hasEnded() {
    return done.isDone();
  }

  StderrReader messages() {
    return messages;
  }
}
