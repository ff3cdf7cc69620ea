package org.linescribe.asr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Stretches.Stretch;

class StretchesTest {
  private static final long SEED = 20261130;

  /** Against a sorted map, while stretches come and go as in calls with long and short backlogs. */
  @Test
  void findsWhatASortedMapFinds() {
    Random random = new Random(SEED);
    Stretches stretches = new Stretches();
    TreeMap<Long, Stretch> expected = new TreeMap<>();
    long end = 0;
    for (int step = 0; step < 20_000; step++) {
      boolean grows = (step / 1000) % 2 == 0;
      if (expected.isEmpty() || random.nextInt(10) < (grows ? 6 : 4)) {
        Stretch added = new Stretch(end, null, 1 + random.nextInt(800), step);
        stretches.add(added);
        expected.put(end, added);
        end = added.end();
      } else {
        stretches.removeFirst();
        expected.pollFirstEntry();
      }
      assertThat(stretches.size()).as("seed %d, step %d", SEED, step).isEqualTo(expected.size());
      long sought = (long) (end * random.nextDouble() * 1.1);
      Map.Entry<Long, Stretch> floor = expected.floorEntry(sought);
      int index = stretches.floor(sought);
      assertThat(index < 0 ? null : stretches.get(index))
          .as("seed %d, step %d", SEED, step)
          .isSameAs(floor == null ? null : floor.getValue());
      if (!expected.isEmpty()) {
        assertThat(stretches.first()).isSameAs(expected.firstEntry().getValue());
        assertThat(stretches.last()).isSameAs(expected.lastEntry().getValue());
      }
    }
  }

  @Test
  void hasNothingBehindItsLast() {
    Stretches stretches = new Stretches();
    assertThat(stretches.isEmpty()).isTrue();
    assertThat(stretches.floor(0)).isEqualTo(-1);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(stretches::first);
    stretches.add(new Stretch(10, null, 5, 0));
    assertThat(stretches.floor(9)).isEqualTo(-1);
    assertThat(stretches.floor(1000)).isZero();
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> stretches.get(1));
  }
}
