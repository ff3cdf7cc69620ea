package org.linescribe.asr.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AudioQueueTest {
  private static final int BOUND = 5000;

  @Test
  void givesBackWhatWasOfferedInOrderWhateverTheSizes() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      AudioQueue queue = new AudioQueue(BOUND, 1000);
      ArrayDeque<Float> model = new ArrayDeque<>();
      int stored = 0;
      long polled = 0;
      for (int step = 0; step < 400; step++) {
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            float[] pcm = new float[random.nextInt(900)];
            int offset = pcm.length == 0 ? 0 : random.nextInt(pcm.length);
            for (int i = 0; i < pcm.length; i++) {
              pcm[i] = random.nextInt(50) == 0 ? Float.NaN : 1 + random.nextFloat();
            }
            int length = pcm.length - offset;
            int broken = queue.offer(pcm, offset, length, step);
            assertThat(broken < 0).as("seed %d", seed).isEqualTo(stored + length > BOUND);
            if (broken >= 0) {
              stored += length;
              for (int i = offset; i < pcm.length; i++) {
                model.add(Float.isNaN(pcm[i]) ? 0 : pcm[i]);
              }
            }
          }
          case 2 -> {
            int skipped = random.nextInt(300);
            queue.skip(skipped, step);
            for (int i = 0; i < skipped; i++) {
              model.add(-1f);
            }
          }
          default -> {
            int limit = random.nextInt(2500);
            float[] out = new float[limit];
            int got = queue.poll(out, limit);
            assertThat(got).as("seed %d", seed).isEqualTo(Math.min(limit, model.size()));
            for (int i = 0; i < got; i++) {
              float expected = model.remove();
              stored -= expected < 0 ? 0 : 1;
              assertThat(out[i]).as("seed %d", seed).isEqualTo(Math.max(0, expected));
            }
            polled += got;
          }
        }
        assertThat(queue.available()).as("seed %d", seed).isEqualTo(model.size());
        assertThat(queue.stored()).as("seed %d", seed).isEqualTo(stored);
        assertThat(queue.polledPosition()).as("seed %d", seed).isEqualTo(polled);
      }
    }
  }

  @Test
  void knowsSinceWhenTheHeadHasWaited() {
    AudioQueue queue = new AudioQueue(BOUND, 1000);
    queue.offer(new float[200], 0, 200, 10);
    queue.offer(new float[200], 0, 200, 20);
    queue.offer(new float[200], 0, 200, 30);

    assertThat(queue.headOfferedNs(99)).isEqualTo(10);
    queue.poll(new float[250], 250);
    assertThat(queue.headOfferedNs(99)).isEqualTo(20);
    queue.poll(new float[350], 350);
    assertThat(queue.headOfferedNs(99)).isEqualTo(99);
  }
}
