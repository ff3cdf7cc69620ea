package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RtpSourceTest {
  private static final InetSocketAddress ANNOUNCED = new InetSocketAddress("192.0.2.1", 4000);
  private static final InetSocketAddress NATTED = new InetSocketAddress("198.51.100.1", 7000);
  private static final InetSocketAddress THIEF = new InetSocketAddress("203.0.113.9", 9000);
  private static final long SECOND_NS = Duration.ofSeconds(1).toNanos();

  private final RtpSource source = new RtpSource(RtpSettings.on("20000-20009"));

  private boolean offer(InetSocketAddress from, int first, int count, long nowNs) {
    boolean admitted = false;
    for (int i = 0; i < count; i++) {
      admitted = source.admit(from, from.getPort(), first + i, nowNs);
    }
    return admitted;
  }

  @Test
  void believesTheAnnouncedAddressAtOnce() {
    source.announce(ANNOUNCED);

    assertThat(offer(ANNOUNCED, 100, 1, 0)).isTrue();
    assertThat(source.target()).isEqualTo(ANNOUNCED);
  }

  @Test
  void latchesToAnotherAddressAfterTwoPacketsInSequence() {
    source.announce(ANNOUNCED);

    assertThat(offer(NATTED, 100, 1, 0)).isFalse();
    assertThat(source.target()).isEqualTo(ANNOUNCED);
    assertThat(offer(NATTED, 101, 1, 0)).isTrue();
    assertThat(source.target()).isEqualTo(NATTED);
  }

  @Test
  void doesNotLatchToPacketsOutOfSequence() {
    source.announce(ANNOUNCED);

    for (int number = 0; number < 60_000; number += 1000) {
      assertThat(source.admit(THIEF, 1, number, 0)).isFalse();
    }
    assertThat(source.latched()).isNull();
  }

  @Test
  void keepsToTheLatchedSourceWhileItSends() {
    source.announce(ANNOUNCED);
    offer(ANNOUNCED, 100, 1, 0);

    assertThat(offer(THIEF, 1, 50, SECOND_NS)).isFalse();
    assertThat(source.target()).isEqualTo(ANNOUNCED);
  }

  @Test
  void letsTheAnnouncedAddressTakeBackWhatAThiefTookFirst() {
    source.announce(ANNOUNCED);
    offer(THIEF, 1, 2, 0);
    assertThat(source.latched()).isEqualTo(THIEF);

    assertThat(offer(ANNOUNCED, 100, 1, 0)).isFalse();
    assertThat(offer(ANNOUNCED, 101, 1, 0)).isTrue();
    assertThat(offer(THIEF, 3, 50, 0)).isFalse();
  }

  @Test
  void movesToANewSourceWhenTheOldOneWasSilentForLongEnough() {
    source.announce(ANNOUNCED);
    offer(ANNOUNCED, 100, 1, 0);

    assertThat(offer(NATTED, 1, 4, 3 * SECOND_NS)).isFalse();
    assertThat(offer(NATTED, 5, 1, 3 * SECOND_NS)).isTrue();
  }

  @Test
  void beginsAnewWhenTheAnnouncedAddressChanges() {
    source.announce(ANNOUNCED);
    offer(ANNOUNCED, 100, 1, 0);

    source.announce(NATTED);

    assertThat(source.target()).isEqualTo(NATTED);
    assertThat(offer(NATTED, 100, 1, 0)).isTrue();
  }

  @Test
  void keepsToTheSourceThatSpokeBeforeAnyAddressWasAnnounced() {
    offer(NATTED, 100, 2, 0);

    source.announce(ANNOUNCED);

    assertThat(offer(NATTED, 102, 1, 0)).isTrue();
    assertThat(source.target()).isEqualTo(NATTED);
    assertThat(offer(ANNOUNCED, 1, 2, 0)).as("the announced one may take it").isTrue();
  }

  @Test
  void takesOnlyTheAnnouncedHostWhereTheSettingSaysSo() {
    RtpSettings defaults = RtpSettings.on("20000-20009");
    RtpSource strict =
        new RtpSource(
            new RtpSettings(
                "",
                defaults.ports(),
                defaults.quarantine(),
                defaults.timeout(),
                defaults.jitterWindow(),
                RtpSettings.Source.ADDRESS,
                defaults.relatchAfter(),
                defaults.rtcpInterval(),
                1));
    strict.announce(ANNOUNCED);

    assertThat(strict.admit(NATTED, 1, 1, 0) || strict.admit(NATTED, 1, 2, 0)).isFalse();
    InetSocketAddress otherPort = new InetSocketAddress("192.0.2.1", 4100);
    assertThat(strict.admit(otherPort, 1, 1, 0)).isFalse();
    assertThat(strict.admit(otherPort, 1, 2, 0)).isTrue();
  }

  @Test
  void reusesPortsOldestFirstAndOnlyAfterTheirQuarantine() {
    RtpPorts ports = new RtpPorts(20_000, 2, SECOND_NS, 0);

    assertThat(ports.take(0)).hasValue(20_000);
    assertThat(ports.take(0)).hasValue(20_002);
    assertThat(ports.take(0)).isEqualTo(OptionalInt.empty());
    ports.giveBack(20_002, 0);
    ports.giveBack(20_000, 0);
    assertThat(ports.take(SECOND_NS - 1)).isEqualTo(OptionalInt.empty());
    assertThat(ports.take(SECOND_NS)).hasValue(20_002);
    assertThat(ports.take(SECOND_NS)).hasValue(20_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "20000", "20001-20001", "30000-20000", "0-100", "1-70000"})
  void refusesARangeThatHasNoPair(String ports) {
    assertThatThrownBy(() -> RtpSettings.on(ports))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("linescribe.rtp.ports: '" + ports + "'");
  }
}
