package org.linescribe.session.redis;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.TestRedis;

/** A node whose connection to a real Redis carries nothing for a while. */
class RedisNodeTest {
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final int QUEUE = 8;

  /** Counts how often it was told that its channel is subscribed. */
  private static final class Subscribed implements ChannelListener {
    final AtomicInteger times = new AtomicInteger();

    @Override
    public void onMessage(String message) {}

    @Override
    public void onSubscribed() {
      times.incrementAndGet();
    }
  }

  @Test
  void aSubscriptionThatAFullQueueRefusedIsMadeLater() {
    try (TestRedis redis = new OwnRedis();
        CuttableProxy way = new CuttableProxy(redis.port());
        RedisNode node = RedisNode.connect("redis://127.0.0.1:" + way.port(), PATIENT, QUEUE)) {
      await().until(node::isReachable);
      way.stall();
      List<Subscribed> readers = new ArrayList<>();
      for (int i = 0; i < 4 * QUEUE; i++) {
        Subscribed reader = new Subscribed();
        readers.add(reader);
        node.listen("channel-" + i, reader);
      }

      way.mend();

      await().until(() -> readers.stream().allMatch(reader -> reader.times.get() > 0));
    }
  }
}
