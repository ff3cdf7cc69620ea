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
        opening.add(sessions.submit(() -> models.load("fr", 0)));
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
      assertThat(List.of("fr", "de", "es", "it")).allMatch(code -> models.load(code, 0));
      assertThat(models.load("sw", 0)).isFalse();
      assertThat(models.get("sw")).isNull();
      assertThat(models.load("it", 0)).isTrue();
    }
    assertThat(freed).hasSize(ToldModels.MOST);
  }

  @Test
  void remembersForAMinuteThatALanguageCouldNotBeLoaded() {
    long minuteNs = ToldModels.RETRY_AFTER.toNanos();
    long startNs = Long.MAX_VALUE - 5;
    try (ToldModels<String> models = models(LONG)) {
      fails = true;
      assertThat(models.load("fr", startNs)).isFalse();
      fails = false;
      assertThat(models.load("fr", startNs + minuteNs - 1)).isFalse();
      assertThat(loads).hasSize(1);
      assertThat(models.load("de", startNs)).isTrue();
      assertThat(models.load("fr", startNs + minuteNs)).isTrue();
      assertThat(models.get("fr")).isEqualTo("model of fr");
    }
  }

  @Test
  void waitsNoLongerThanItsPatienceAndHasTheModelLater() {
    gate = new CountDownLatch(1);
    try (ToldModels<String> models = models(Duration.ofMillis(1))) {
      assertThat(models.load("fr", 0)).isFalse();
      gate.countDown();
      Awaitility.await().until(() -> models.get("fr") != null);
      assertThat(models.load("fr", 0)).isTrue();
      assertThat(loads).hasSize(1);
    }
  }

  @Test
  void freesWhatIsBeingLoadedWhenItIsClosed() throws Exception {
    gate = new CountDownLatch(1);
    ToldModels<String> models = models(Duration.ofMillis(1));
    models.load("fr", 0);
    Thread closing = Thread.ofVirtual().start(models::close);
    gate.countDown();
    closing.join();
    assertThat(freed).containsExactly("model of fr");
    assertThat(models.load("de", 0)).isFalse();
    assertThat(loads).containsExactly("fr");
  }
}
