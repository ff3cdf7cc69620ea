package org.linescribe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.pipeline.SessionPipeline;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The 160 samples of a packet from a session's source to what a recogniser reads, which reads 160
 * ms at a time, against two copies of them under a monitor.
 */
@NullUnmarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HandOverBenchmark {
  private static final int PACKET = 160;
  private static final int CHUNK = 8 * PACKET;

  private final PipelineParts.QuietRecogniser recogniser = new PipelineParts.QuietRecogniser(CHUNK);
  private final short[] pcm = new short[PACKET];
  private final short[] queue = new short[CHUNK];
  private final short[] read = new short[CHUNK];
  private Path folder;
  private SessionPipeline sessions;
  private SessionSource source;
  private int at;

  @Setup
  public void open() throws IOException, SessionRefusedException {
    folder = Files.createTempDirectory("linescribe-hand-over");
    sessions = PipelineParts.pipeline(recogniser, folder.resolve("outbox"));
    source =
        sessions.open(
            SourceRequest.of(sessions.newSessionId(), "bench"),
            new SourceListener() {
              @Override
              public void onEvent(TranscriptEvent event) {}

              @Override
              public void onClosed(SourceClosed reason) {}
            });
  }

  @TearDown
  public void close() throws IOException {
    sessions.close();
    ResourceFiles.deleteTree(folder);
  }

  @Benchmark
  public long packetToRecogniser() {
    if (source.write(0, pcm, 0, PACKET) != PACKET) {
      throw new IllegalStateException("audio was refused");
    }
    return recogniser.samplesRead;
  }

  /** What cannot be saved: into a buffer and, a chunk at a time, out of it. */
  @Benchmark
  public short baseline_copyTwice() {
    synchronized (queue) {
      System.arraycopy(pcm, 0, queue, at, PACKET);
      at += PACKET;
      if (at == CHUNK) {
        at = 0;
        System.arraycopy(queue, 0, read, 0, CHUNK);
      }
    }
    return read[at];
  }
}
