package org.linescribe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullUnmarked;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.session.SessionRefusedException;
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
 * What a recogniser tells through the session's writer to the source's listener: a partial, and a
 * final that is numbered, kept by a store that does nothing, and announced; against a virtual
 * thread that passes on what a queue brings. Each waits for the event before it tells the next.
 */
@NullUnmarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NumberingBenchmark {
  private static final String[] WORDS = "four seven one nine two three eight six".split(" ");

  private final PipelineParts.QuietRecogniser recogniser = new PipelineParts.QuietRecogniser(1280);
  private final AtomicLong events = new AtomicLong();
  private final BlockingQueue<Hypothesis> queue = new ArrayBlockingQueue<>(16);
  private final Hypothesis utterance = hypothesis(WORDS.length);
  private final Hypothesis shorter = hypothesis(WORDS.length - 1);
  private Path folder;
  private SessionPipeline sessions;
  private Thread echo;
  private boolean isLonger;

  private static Hypothesis hypothesis(int words) {
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < words; i++) {
      tokens.add(new Token(" " + WORDS[i], 300L * i, 0.9));
    }
    return new Hypothesis(String.join(" ", Arrays.copyOf(WORDS, words)), tokens, 0, 300L * words);
  }

  @Setup
  public void open() throws IOException, SessionRefusedException {
    folder = Files.createTempDirectory("linescribe-numbering");
    sessions = PipelineParts.pipeline(recogniser, folder.resolve("outbox"));
    sessions.open(
        SourceRequest.of(sessions.newSessionId(), "bench"),
        new SourceListener() {
          @Override
          public void onEvent(TranscriptEvent event) {
            events.incrementAndGet();
          }

          @Override
          public void onClosed(SourceClosed reason) {}
        });
    echo = Thread.ofVirtual().start(this::passOn);
  }

  private void passOn() {
    try {
      while (true) {
        queue.take();
        events.incrementAndGet();
      }
    } catch (InterruptedException ended) {
      // The benchmark is over.
    }
  }

  @TearDown
  public void close() throws IOException {
    echo.interrupt();
    sessions.close();
    ResourceFiles.deleteTree(folder);
  }

  @Benchmark
  public long partial() {
    final long before = events.get();
    isLonger = !isLonger;
    recogniser.listener.onHypothesis(isLonger ? utterance : shorter);
    return await(before);
  }

  @Benchmark
  public long numberedFinal() {
    final long before = events.get();
    recogniser.listener.onEndpoint(utterance, 0);
    return await(before);
  }

  @Benchmark
  public long baseline_queueToVirtualThread() throws InterruptedException {
    final long before = events.get();
    queue.put(utterance);
    return await(before);
  }

  private long await(long before) {
    long now = events.get();
    while (now == before) {
      Thread.onSpinWait();
      now = events.get();
    }
    return now;
  }
}
