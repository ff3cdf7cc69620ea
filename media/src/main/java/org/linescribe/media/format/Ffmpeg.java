package org.linescribe.media.format;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's FFmpeg: finds the program when it is first needed, bounds how many children run,
 * watches them, and leaves none behind, neither when it is closed nor when the JVM ends.
 *
 * <p>Thread: any. Owner: the assembly, one for the process.
 */
public final class Ffmpeg implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ffmpeg.class);

  private final FfmpegSettings settings;
  private final String logLevel;
  private final LongSupplier nanoClock;
  private final Semaphore permits;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Set<FfmpegDecoder> children = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor watchdog;
  private final Thread shutdownHook;
  private final LongAdder started = new LongAdder();
  private final LongAdder faults = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private @Nullable FfmpegProgram program;
  private volatile boolean closed;

  /**
   * @param nanoClock the process's monotonic clock, {@code System::nanoTime}
   */
  public Ffmpeg(FfmpegSettings settings, LongSupplier nanoClock) {
    this(settings, "error", Duration.ZERO, nanoClock);
  }

  /**
   * @param logLevel what streaming children write to the log (at trace): one of FFmpeg's levels,
   *     {@code FFMPEG_LOGLEVEL}. Errors are always read
   * @param grace how long the end of the JVM waits for {@link #close} before the children are
   *     killed, so that an owner who is shutting down at the same time can bring out what they hold
   * @param nanoClock the process's monotonic clock, {@code System::nanoTime}
   */
  public Ffmpeg(FfmpegSettings settings, String logLevel, Duration grace, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.settings = settings;
    this.logLevel = atLeastErrors(logLevel);
    this.permits = new Semaphore(settings.maxChildren());
    this.watchdog =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("ffmpeg-watchdog").factory());
    watchdog.setRemoveOnCancelPolicy(true);
    this.shutdownHook =
        Thread.ofPlatform().name("ffmpeg-shutdown").unstarted(() -> atShutdown(grace));
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  private static String atLeastErrors(String logLevel) {
    String level = logLevel.toLowerCase(Locale.ROOT);
    if (!List.of("quiet", "panic", "fatal", "error", "warning", "info", "verbose", "debug")
        .contains(level)) {
      throw new IllegalArgumentException(
          "ffmpeg log level: "
              + StderrReader.clean(logLevel)
              + " (expected: quiet, panic, fatal, error, warning, info, verbose or debug)");
    }
    return Set.of("quiet", "panic", "fatal").contains(level) ? "error" : level;
  }

  /** The program, found on the first call. Blocks. */
  public synchronized FfmpegProgram program() throws DecodeException {
    if (program == null) {
      program = FfmpegProgram.find(settings);
    }
    return program;
  }

  /**
   * Starts a child that decodes a stream.
   *
   * @param sink gets the audio on the decoder's thread
   * @throws DecodeException BUSY when all permits are taken, UNAVAILABLE when no program runs here
   */
  public FfmpegDecoder decoder(DecodeRequest request, PcmSink sink) throws DecodeException {
    List<String> command = FfmpegArguments.stream(program(), request, logLevel);
    return start(command, null, request, sink, DecodeProgress.none());
  }

  FfmpegDecoder start(
      List<String> command,
      @Nullable Path file,
      DecodeRequest request,
      PcmSink sink,
      DecodeProgress progress)
      throws DecodeException {
    if (closed) {
      throw new DecodeException(DecodeException.Reason.CANCELLED, "FFmpeg is shut down");
    }
    if (!permits.tryAcquire()) {
      refused.increment();
      throw new DecodeException(
          DecodeException.Reason.BUSY,
          "all " + settings.maxChildren() + " FFmpeg processes are in use");
    }
    FfmpegDecoder child;
    try {
      child = FfmpegDecoder.start(command, file, request, sink, progress, nanoClock);
    } catch (DecodeException | RuntimeException | Error e) {
      permits.release();
      throw e;
    }
    started.increment();
    children.add(child);
    child.onExit(
        () -> {
          children.remove(child);
          permits.release();
        });
    child.onFault(faults::increment);
    long periodMs = Math.clamp(request.limits().stall().toMillis() / 8, 10, 500);
    try {
      child.watch(watchdog, Duration.ofMillis(periodMs));
    } catch (RejectedExecutionException closedMeanwhile) {
      // Killed below.
    }
    if (closed) {
      child.kill(DecodeException.Reason.CANCELLED, "FFmpeg is shut down");
    }
    return child;
  }

  /** Children that run now. */
  public int running() {
    return settings.maxChildren() - permits.availablePermits();
  }

  public int maxChildren() {
    return settings.maxChildren();
  }

  /** Children started since the beginning. */
  public long started() {
    return started.sum();
  }

  /** Children that crashed, hung, or were killed for exceeding a limit. */
  public long faults() {
    return faults.sum();
  }

  /** Starts refused because all permits were taken. */
  public long refused() {
    return refused.sum();
  }

  private void atShutdown(Duration grace) {
    try {
      if (!closing.await(grace.toMillis(), TimeUnit.MILLISECONDS) && !grace.isZero()) {
        LOG.warn("FFmpeg was not closed within {} of the shutdown; killing {}", grace, running());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    killAll();
  }

  private void killAll() {
    closed = true;
    for (FfmpegDecoder child : children) {
      child.kill(DecodeException.Reason.CANCELLED, "FFmpeg is shut down");
    }
  }

  /** Kills every child. Idempotent. */
  @Override
  public void close() {
    killAll();
    closing.countDown();
    watchdog.shutdown();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException alreadyShuttingDown) {
      // The hook runs or has run; it did the same.
    }
  }
}
