package org.linescribe.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PlacesTest {
  @Test
  void whoIsRefusedTakesNone() {
    Places places = new Places(1);
    assertThat(places.enter()).isTrue();
    assertThat(places.enter()).isFalse();
    assertThat(places.taken()).isEqualTo(1);

    places.leave();

    assertThat(places.enter()).isTrue();
  }

  @Test
  void moreThanThereAreAreNeverTakenNotEvenForAMoment() throws Exception {
    Places places = new Places(2);
    AtomicInteger most = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int n = 0; n < 6; n++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int round = 0; round < 50_000; round++) {
                      boolean entered = places.enter();
                      most.accumulateAndGet(places.taken(), Math::max);
                      if (entered) {
                        places.leave();
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isBetween(1, 2);
    assertThat(places.taken()).isZero();
  }
}
