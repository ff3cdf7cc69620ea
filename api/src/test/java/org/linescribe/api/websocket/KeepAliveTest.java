package org.linescribe.api.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.api.http.ApiSettings;
import org.springframework.util.unit.DataSize;

class KeepAliveTest {
  private static final ApiSettings SETTINGS =
      new ApiSettings(
          DataSize.ofMegabytes(1),
          10,
          10,
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          DataSize.ofMegabytes(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(75));

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private long nowNs = Long.MAX_VALUE - 1;
  private int deaths;
  private final KeepAlive keepAlive = new KeepAlive(channel, SETTINGS, () -> deaths++, () -> nowNs);

  @BeforeEach
  void start() {
    channel.freezeTime();
    keepAlive.start();
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private void pass(int seconds) {
    for (int second = 0; second < seconds; second++) {
      nowNs += TimeUnit.SECONDS.toNanos(1);
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  private int pings() {
    int pings = 0;
    for (Object sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
      assertThat(sent).isInstanceOf(PingWebSocketFrame.class);
      ReferenceCountUtil.release(sent);
      pings++;
    }
    return pings;
  }

  @Test
  void pingsAtItsRate() {
    pass(59);
    assertThat(pings()).isEqualTo(2);
  }

  @Test
  void findsAPeerDeadThatGaveNoSignForTooLong() {
    pass(60);
    assertThat(deaths).isZero();

    pass(20);
    assertThat(deaths).isEqualTo(1);
  }

  @Test
  void aSignOfLifeGivesThePeerItsFullTimeAgain() {
    for (int round = 0; round < 10; round++) {
      pass(59);
      keepAlive.sign();
    }
    assertThat(deaths).isZero();
  }

  @Test
  void aPeerThatIsNotReadIsNotDeadAndHasItsFullTimeAfterwards() {
    keepAlive.pause();
    pass(600);
    assertThat(deaths).isZero();
    assertThat(pings()).isEqualTo(30);

    keepAlive.resume();
    pass(60);
    assertThat(deaths).isZero();
    pass(20);
    assertThat(deaths).isEqualTo(1);
  }

  @Test
  void saysNothingAnyMoreWhenItIsStopped() {
    keepAlive.stop();
    pass(600);
    assertThat(deaths).isZero();
    assertThat(pings()).isZero();
  }
}
