package org.linescribe.asr.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.testsupport.Patience;

/** Worker processes that end, hang, or are none. */
class WorkerPoolTest {
  private final MeterRegistry meters = new SimpleMeterRegistry();

  @TempDir private Path folder;

  @Test
  void saysWhyAWorkerDoesNotStart() {
    assertThatThrownBy(() -> pool("cannot load", 2))
        .isInstanceOf(RecogniserException.class)
        .hasMessage(
            "a worker process did not start: it ended with status 3: tokens.txt: line 3 is"
                + " malformed");
  }

  @Test
  void saysWhyAProgramDoesNotStart() {
    assertThatThrownBy(
            () ->
                new WorkerPool(
                    "test",
                    1,
                    _ -> new ProcessBuilder("/no/such/program").start(),
                    Duration.ofMinutes(1),
                    meters))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("a worker process cannot be started")
        .hasMessageContaining("/no/such/program");
  }

  @Test
  void takesNoAnswerThatIsNone() {
    assertThatThrownBy(() -> pool("speaks garbage", 1))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("not one of this build");
  }

  @Test
  void waitsForNoWorkerThatListensAndSaysNothing() {
    assertThatThrownBy(
            () -> WorkerProcess.start(TestWorker.that("says nothing"), Duration.ofSeconds(5)))
        .isInstanceOf(RecogniserException.class)
        .hasMessageStartingWith("a worker process did not serve in time");
  }

  @Test
  void saysThatThisMachineHasNoThreadForAWorker() {
    WorkerPool.Launcher exhausted =
        _ -> {
          throw new OutOfMemoryError("unable to create native thread");
        };

    assertThatThrownBy(() -> new WorkerPool("test", 2, exhausted, meters))
        .isInstanceOf(RecogniserException.class)
        .hasMessage("unable to create native thread");
  }

  @Test
  void startsAWorkerAgainWhenItCouldNotForAMoment() {
    AtomicInteger starts = new AtomicInteger();
    WorkerPool.Launcher launcher =
        socket -> {
          if (starts.incrementAndGet() == 2) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          return TestWorker.that("serves").launch(socket);
        };
    try (WorkerPool pool = new WorkerPool("test", 1, launcher, meters)) {
      WorkerEngine engine = new WorkerEngine(pool);
      pool.pids().forEach(WorkerPoolTest::kill);
      EngineStream stream = engine.open();
      stream.accept(chunk(TestWorker.WORD), TestWorker.CHUNK);

      engine.decode(List.of(stream));

      assertThat(stream.result().text()).isEqualTo(" w0");
      assertThat(starts).hasValue(3);
    }
  }

  @Test
  void aRefusalCostsNeitherAConnectionNorAWorker() {
    try (WorkerPool pool = pool("serves whole", 1);
        WorkerDecoder decoder = new WorkerDecoder(pool)) {
      // More than the connections that a worker takes.
      for (int i = 0; i < 1100; i++) {
        assertThatThrownBy(() -> decoder.decode(chunkFrom(TestWorker.FAIL), 0))
            .isInstanceOf(RecogniserException.class)
            .hasMessageContaining("no such audio");
      }
      assertThat(decoder.decode(chunkFrom(0), 0).text()).isEqualTo("heard");
      assertThat(counted("ended")).isZero();
    }
  }

  @Test
  void failsTheUtteranceThatCrashesWorkersAndNoneBesideIt() throws Exception {
    try (WorkerPool pool = pool("serves whole", 1);
        WorkerDecoder decoder = new WorkerDecoder(pool);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      Future<Hypothesis> fatal =
          threads.submit(() -> decoder.decode(chunkFrom(TestWorker.CRASH), 0));
      List<Future<Hypothesis>> sound =
          List.of(
              threads.submit(() -> decoder.decode(chunkFrom(0), 0)),
              threads.submit(() -> decoder.decode(chunkFrom(0), 0)));

      for (Future<Hypothesis> one : sound) {
        assertThat(one.get().text()).isEqualTo("heard");
      }
      assertThatThrownBy(fatal::get).hasMessageContaining("its decoding ended 3 worker processes");
    }
  }

  @Test
  void aStreamWhoseFirstStepFailsIsClosedInItsWorkerAndEndsNoOther() {
    try (WorkerPool pool = pool("serves", 1)) {
      WorkerEngine engine = new WorkerEngine(pool);
      EngineStream sound = engine.open();
      EngineStream failing = engine.open();
      sound.accept(chunk(TestWorker.WORD), TestWorker.CHUNK);
      failing.accept(chunk(TestWorker.FAIL), TestWorker.CHUNK);

      engine.decode(List.of(sound, failing));

      assertThat(sound.result().text()).isEqualTo(" w0");
      assertThatThrownBy(failing::result).hasMessageContaining("no such audio");
      sound.close();
      EngineStream counting = engine.open();
      counting.accept(chunk(TestWorker.COUNT), TestWorker.CHUNK);
      engine.decode(List.of(counting));
      assertThat(counting.result().text()).isEqualTo("1 open");
      assertThat(counted("ended")).isZero();
    }
  }

  @Test
  void goesOnWithEveryStreamWhereItWasWhenWorkersAreKilled() {
    try (WorkerPool pool = pool("serves", 2)) {
      WorkerEngine engine = new WorkerEngine(pool);
      List<EngineStream> streams = List.of(engine.open(), engine.open(), engine.open());

      for (int chunk = 0; chunk < 6; chunk++) {
        if (chunk % 2 == 1) {
          pool.pids().forEach(WorkerPoolTest::kill);
        }
        streams.forEach(stream -> stream.accept(chunk(TestWorker.WORD), TestWorker.CHUNK));
        assertThat(streams).allMatch(EngineStream::isReady);
        engine.decode(streams);
        assertThat(streams).noneMatch(EngineStream::isReady);
        String text = " w0 w1 w2 w3 w4 w5".substring(0, 3 * (chunk + 1));
        assertThat(streams).allMatch(stream -> stream.result().text().equals(text));
      }
      assertThat(counted("ended")).isPositive();
      assertThat(counted("replayed")).isPositive();
    }
  }

  @Test
  void endsTheStreamThatCrashesWorkersAndNoOther() {
    try (WorkerPool pool = pool("serves", 1)) {
      WorkerEngine engine = new WorkerEngine(pool);
      EngineStream sound = engine.open();
      EngineStream fatal = engine.open();
      sound.accept(chunk(TestWorker.WORD), TestWorker.CHUNK);
      fatal.accept(chunk(TestWorker.CRASH), TestWorker.CHUNK);

      engine.decode(List.of(sound, fatal));

      assertThat(sound.result().text()).isEqualTo(" w0");
      assertThatThrownBy(fatal::result)
          .isInstanceOf(RecogniserException.class)
          .hasMessage("its decoding ended 3 worker processes");
    }
  }

  @Test
  void killsAWorkerThatGivesNoAnswer() {
    try (WorkerPool pool =
        new WorkerPool("test", 1, TestWorker.that("serves"), Duration.ofSeconds(2), meters)) {
      WorkerEngine engine = new WorkerEngine(pool);
      EngineStream hanging = engine.open();
      hanging.accept(chunk(TestWorker.HANG), TestWorker.CHUNK);

      engine.decode(List.of(hanging));

      assertThatThrownBy(hanging::result).hasMessage("its decoding ended 3 worker processes");
    }
  }

  @Test
  void preparesAllWorkersAtOnce() {
    try (WorkerPool pool = pool("serves whole", 2)) {
      // Each waits for the other.
      assertThat(pool.languages().prepare(folder.toString(), Patience.LIMIT)).isTrue();
    }
  }

  @Test
  void waitsForThePreparationOfNoWorkerLongerThanItMay() {
    try (WorkerPool pool = pool("serves whole", 1);
        WorkerDecoder decoder = new WorkerDecoder(pool)) {
      assertThat(pool.languages().prepare(folder.toString(), Duration.ofMillis(1))).isFalse();
      assertThat(decoder.decode(chunkFrom(0), 0).text()).isEqualTo("heard");
    }
  }

  @Test
  void aWorkerThatStartsAgainServesWhileItIsPrepared() throws Exception {
    Path goOn = Files.createFile(folder.resolve(TestWorker.GO_ON));
    try (WorkerPool pool = pool("serves whole", 1);
        WorkerDecoder decoder = new WorkerDecoder(pool)) {
      long first = pool.pids().getFirst();
      assertThat(pool.languages().prepare(folder.toString(), Patience.LIMIT)).isTrue();
      Files.delete(goOn);
      kill(first);
      await().atMost(Patience.LIMIT).until(() -> folder.toFile().list().length == 2);

      // Its preparation waits for ever.
      assertThat(decoder.decode(chunkFrom(0), 0).text()).isEqualTo("heard");
    }
  }

  @Test
  void givesNoStreamWhenItIsClosed() {
    WorkerPool pool = pool("serves", 1);
    List<Long> pids = pool.pids();
    WorkerEngine engine = new WorkerEngine(pool);
    EngineStream stream = engine.open();
    stream.accept(chunk(0), TestWorker.CHUNK);

    engine.close();
    engine.decode(List.of(stream));

    assertThatThrownBy(stream::result).hasMessage("the recogniser is closed");
    assertThat(pids).hasSize(1);
    await().until(() -> pids.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
  }

  private WorkerPool pool(String does, int count) {
    return new WorkerPool("test", count, TestWorker.that(does), meters);
  }

  private double counted(String what) {
    return meters.get("linescribe.asr.workers." + what).tag("model", "test").counter().count();
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private static float[] chunkFrom(float first) {
    float[] pcm = new float[TestWorker.CHUNK];
    pcm[0] = first;
    return pcm;
  }

  private static float[] chunk(float sample) {
    float[] pcm = new float[TestWorker.CHUNK];
    pcm[TestWorker.CHUNK / 2] = sample;
    return pcm;
  }
}
