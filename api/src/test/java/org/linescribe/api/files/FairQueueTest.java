package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private static void put(FairQueue<String> queue, String client, String item) {
    assertThat(queue.reserve(client).orElseThrow().use(item)).isTrue();
  }

  @Test
  void servesClientsInTurnHoweverManyFilesOneHasBrought() throws InterruptedException {
    FairQueue<String> queue = new FairQueue<>(10, 10);
    put(queue, "a", "a1");
    put(queue, "a", "a2");
    put(queue, "a", "a3");
    put(queue, "b", "b1");
    put(queue, "c", "c1");

    assertThat(queue.until("b1")).containsExactly("a1", "b1");
    assertThat(queue.until("a3")).containsExactly("a1", "b1", "c1", "a2", "a3");
    assertThat(List.of(queue.take(), queue.take(), queue.take(), queue.take(), queue.take()))
        .containsExactly("a1", "b1", "c1", "a2", "a3");
  }

  @Test
  void hasNoPlaceBeyondItsBoundsUntilOneIsGivenBack() throws InterruptedException {
    FairQueue<String> queue = new FairQueue<>(3, 2);
    put(queue, "a", "a1");
    FairQueue<String>.Permit second = queue.reserve("a").orElseThrow();
    assertThat(queue.reserve("a")).as("a third of one client").isEmpty();
    put(queue, "b", "b1");
    assertThat(queue.reserve("c")).as("a fourth in all").isEmpty();

    second.release();
    second.release();
    assertThat(second.use("late")).as("a place that was given back").isFalse();
    queue.reserve("c").orElseThrow().release();
    assertThat(queue.take()).isEqualTo("a1");
    assertThat(queue.remove("b", "b1")).isTrue();
    assertThat(queue.remove("b", "b1")).isFalse();
    assertThat(queue.taken()).isZero();
    assertThat(queue.all()).isEmpty();
  }

  /** Any mixture: nothing lost, the order foretold is the order kept, nobody overtaken twice. */
  @Test
  void foretellsItsOwnOrderForAnyMixtureOfClients() throws InterruptedException {
    long seed = 20_261_120;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      FairQueue<String> queue = new FairQueue<>(100, 100);
      Map<String, Integer> brought = new HashMap<>();
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(20); i++) {
        String client = "c" + random.nextInt(5);
        String item = client + "#" + brought.merge(client, 1, Integer::sum);
        put(queue, client, item);
        all.add(item);
      }
      String last = all.get(random.nextInt(all.size()));
      List<String> foretold = queue.until(last);
      List<String> served = new ArrayList<>();
      while (!served.contains(last)) {
        served.add(queue.take());
      }
      assertThat(served).as("seed %d", seed).isEqualTo(foretold);
      Map<String, Integer> counts = new HashMap<>();
      served.forEach(item -> counts.merge(item.substring(0, 2), 1, Integer::sum));
      int own = counts.get(last.substring(0, 2));
      assertThat(counts.values()).as("seed %d", seed).allMatch(count -> count <= own);
    }
  }
}
