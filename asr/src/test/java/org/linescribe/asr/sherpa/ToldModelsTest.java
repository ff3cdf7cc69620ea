package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ToldModelsTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final List<String> loads = new CopyOnWriteArrayList<>();
  private final List<String> freed = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean fails;

  private ToldModels<String> models(Duration patience) {
    return new ToldModels<>(this::load, freed::add, patience);
  }

  private String load(String code) {
    loads.add(code);
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (fails) {
      throw new IllegalStateException("as the test asked");
    }
    return "model of " + code;
  }

  @Test
  void loadsALanguageOnceForAllWhoNameIt() throws Exception {
    gate = new CountDownLatch(1);
    try (ToldModels<String> models = models(LONG);
        ExecutorService sessions = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> opening = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        opening.add(sessions.submit(() -> models.load("fr")));
      }
      Awaitility.await().until(() -> loads.size() == 1);
      assertThat(models.get("fr")).isNull();
      gate.countDown();
      for (Future<Boolean> session : opening) {
        assertThat(session.get()).isTrue();
      }
      assertThat(loads).containsExactly("fr");
      assertThat(models.get("fr")).isEqualTo("model of fr");
    }
    assertThat(freed).containsExactly("model of fr");
  }

  @Test
  void loadsNoMoreLanguagesThanItMay() {
    try (ToldModels<String> models = models(LONG)) {
      assertThat(List.of("fr", "de", "es", "it")).allMatch(models::load);
      assertThat(models.load("sw")).isFalse();
      assertThat(models.get("sw")).isNull();
      assertThat(models.load("it")).isTrue();
    }
    assertThat(freed).hasSize(ToldModels.MOST);
  }

  /** A minute from the failure, however long the load took that failed. */
  @Test
  void remembersForAMinuteThatALanguageCouldNotBeLoaded() {
    long minuteNs = ToldModels.RETRY_AFTER.toNanos();
    AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 5);
    Function<String, String> slow =
        code -> {
          nowNs.addAndGet(TimeUnit.SECONDS.toNanos(50));
          return load(code);
        };
    try (ToldModels<String> models = new ToldModels<>(slow, freed::add, LONG, nowNs::get)) {
      fails = true;
      assertThat(models.load("fr")).isFalse();
      fails = false;
      nowNs.addAndGet(minuteNs - 1);
      assertThat(models.load("fr")).isFalse();
      assertThat(loads).hasSize(1);
      nowNs.addAndGet(1);
      assertThat(models.load("fr")).isTrue();
      assertThat(models.load("de")).isTrue();
      assertThat(models.get("fr")).isEqualTo("model of fr");
    }
  }

  @Test
  void waitsNoLongerThanItsPatienceAndHasTheModelLater() {
    gate = new CountDownLatch(1);
    try (ToldModels<String> models = models(Duration.ofMillis(1))) {
      assertThat(models.load("fr")).isFalse();
      gate.countDown();
      Awaitility.await().until(() -> models.get("fr") != null);
      assertThat(models.load("fr")).isTrue();
      assertThat(loads).hasSize(1);
    }
  }

  @Test
  void freesWhatIsBeingLoadedWhenItIsClosed() throws Exception {
    gate = new CountDownLatch(1);
    ToldModels<String> models = models(Duration.ofMillis(1));
    models.load("fr");
    Thread closing = Thread.ofVirtual().start(models::close);
    gate.countDown();
    closing.join();
    assertThat(freed).containsExactly("model of fr");
    assertThat(models.load("de")).isFalse();
    assertThat(loads).containsExactly("fr");
  }
}
