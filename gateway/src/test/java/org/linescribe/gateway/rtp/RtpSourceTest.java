package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.linescribe.gateway.rtp.RtpSource.Verdict.ADMITTED;
import static org.linescribe.gateway.rtp.RtpSource.Verdict.FOREIGN;
import static org.linescribe.gateway.rtp.RtpSource.Verdict.MOVED;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.settings.SettingsDefaults;

class RtpSourceTest {
  private static final InetSocketAddress ANNOUNCED = new InetSocketAddress("192.0.2.1", 4000);
  private static final InetSocketAddress NATTED = new InetSocketAddress("198.51.100.1", 7000);
  private static final InetSocketAddress THIEF = new InetSocketAddress("203.0.113.9", 9000);
  private static final InetSocketAddress OWN = new InetSocketAddress("192.0.2.200", 20_000);
  private static final long SECOND_NS = Duration.ofSeconds(1).toNanos();

  private final RtpSource source =
      new RtpSource(RtpSettings.on("20000-20009"), own -> own.equals(OWN));

  private boolean offer(InetSocketAddress from, int first, int count, long nowNs) {
    return offer(source, from, from.getPort(), first, count, nowNs);
  }

  /** Packets of 20 ms whose timestamps follow their numbers. */
  private static boolean offer(
      RtpSource to, InetSocketAddress from, long ssrc, int first, int count, long nowNs) {
    boolean admitted = false;
    for (int i = first; i < first + count; i++) {
      admitted = to.admit(from, ssrc, i & 0xFFFF, 160L * i & 0xFFFF_FFFFL, 1, nowNs) != FOREIGN;
    }
    return admitted;
  }

  @Test
  void believesTheAnnouncedAddressAtOnce() {
    source.announce(ANNOUNCED);

    assertThat(offer(ANNOUNCED, 100, 1, 0)).isTrue();
    assertThat(source.target()).isEqualTo(ANNOUNCED);
  }

  /** It sends until our BYE has reached it. */
  @Test
  void doesNotTakeTheFormerPeerForTheNextOne() {
    source.announce(ANNOUNCED);
    assertThat(offer(ANNOUNCED, 100, 1, 0)).isTrue();
    InetSocketAddress next = new InetSocketAddress("192.0.2.1", 5000);

    source.leave();
    source.announce(next);

    assertThat(offer(ANNOUNCED, 101, 20, 0)).isFalse();
    assertThat(offer(next, 1, 1, 0)).isTrue();
    assertThat(offer(ANNOUNCED, 121, 20, 10 * SECOND_NS)).isFalse();
    source.leave();
    source.announce(ANNOUNCED);
    assertThat(offer(ANNOUNCED, 1, 1, 11 * SECOND_NS)).as("transferred back").isTrue();
  }

  @Test
  void takesNobodyButTheOnlyHostThatMaySend() {
    RtpSource address =
        new RtpSource(
            SettingsDefaults.of(
                RtpSettings.class, Map.of("ports", "0", "source", RtpSettings.Source.ADDRESS)),
            own -> false);
    for (RtpSource one : new RtpSource[] {source, address}) {
      one.restrict(ANNOUNCED.getAddress());

      assertThat(offer(one, THIEF, 1, 100, 10, 0)).isFalse();
      assertThat(offer(one, ANNOUNCED, 2, 100, 1, 0)).as("from any of its ports").isFalse();
      assertThat(offer(one, ANNOUNCED, 2, 101, 1, 0)).isTrue();
      assertThat(offer(one, THIEF, 2, 102, 10, 10 * SECOND_NS)).as("when it pauses").isFalse();
    }
  }

  @Test
  void excludesWhoCannotBeTheSourceWhateverItSends() {
    RtpSource address =
        new RtpSource(
            SettingsDefaults.of(RtpSettings.class, Map.of("source", RtpSettings.Source.ADDRESS)),
            OWN::equals);
    source.announce(ANNOUNCED);
    address.announce(ANNOUNCED);

    assertThat(source.excludes(THIEF)).as("may be behind a NAT").isFalse();
    assertThat(address.excludes(THIEF)).isTrue();
    assertThat(address.excludes(new InetSocketAddress("192.0.2.1", 4100))).isFalse();
    source.restrict(NATTED.getAddress());
    assertThat(source.excludes(ANNOUNCED)).isTrue();
    assertThat(source.excludes(NATTED)).isFalse();
    source.restrict(OWN.getAddress());
    assertThat(source.excludes(OWN)).isTrue();
  }

  /** Opus: 960 ticks are 20 ms, as 160 are of another codec. */
  @ParameterizedTest
  @CsvSource({
    "6, 960, MOVED",
    "6, 240000, MOVED",
    "6, 2400000, FOREIGN",
    "1, 960, FOREIGN",
    "2, 960, FOREIGN"
  })
  void followsAStreamByTheClockOfItsCodec(int ticks, long ahead, RtpSource.Verdict expected) {
    source.announce(ANNOUNCED);
    long last = (1L << 32) - 480;
    assertThat(source.admit(ANNOUNCED, 7, 100, last, 6, 0)).isEqualTo(ADMITTED);
    InetSocketAddress after = new InetSocketAddress("192.0.2.1", 4100);

    assertThat(source.admit(after, 7, 101, last + ahead & 0xFFFF_FFFFL, ticks, 1))
        .isEqualTo(expected);
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
      assertThat(offer(source, THIEF, 1, number, 1, 0)).isFalse();
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

  /** A NAT forgets its binding, and the same stream goes on from another port. */
  @ParameterizedTest
  @CsvSource({"192.0.2.1", "198.51.100.1"})
  void followsTheSameStreamToAnotherPortOfItsHostAtOnce(String host) {
    source.announce(ANNOUNCED);
    InetSocketAddress before = new InetSocketAddress(host, 7000);
    InetSocketAddress after = new InetSocketAddress(host, 7100);
    offer(source, before, 7, 65_530, 4, 0);

    assertThat(source.admit(after, 7, 65_534, 160L * 65_534, 1, 1)).isEqualTo(MOVED);
    assertThat(source.target()).isEqualTo(after);
    assertThat(source.admit(before, 7, 65_533, 160L * 65_533, 1, 2))
        .as("late, on the old path")
        .isEqualTo(ADMITTED);
    assertThat(source.target()).isEqualTo(after);
    assertThat(source.admit(after, 7, 0, 160L * 65_536, 1, 3)).isEqualTo(ADMITTED);
  }

  @ParameterizedTest
  @CsvSource({"8,104,16640", "7,4000,16640", "7,104,900000", "7,104,0"})
  void followsNoOtherStreamOfTheHostBeforeTheFirstIsSilent(
      long ssrc, int sequenceNumber, long timestamp) {
    source.announce(ANNOUNCED);
    offer(source, ANNOUNCED, 7, 100, 4, 0);
    InetSocketAddress after = new InetSocketAddress("192.0.2.1", 4100);

    assertThat(source.admit(after, ssrc, sequenceNumber, timestamp, 1, 1)).isEqualTo(FOREIGN);
    assertThat(offer(source, after, 9, 1, 4, 3 * SECOND_NS)).isFalse();
    assertThat(offer(source, after, 9, 5, 1, 3 * SECOND_NS)).isTrue();
  }

  /** With its own SSRC and with a copy of the call's. */
  @ParameterizedTest
  @ValueSource(longs = {1, 7})
  void keepsOtherHostsOutOfACallAtTheAnnouncedHostHoweverLongItIsSilent(long ssrc) {
    source.announce(ANNOUNCED);
    offer(source, ANNOUNCED, 7, 100, 4, 0);

    assertThat(offer(source, THIEF, ssrc, 104, 50, 3 * SECOND_NS)).isFalse();
    assertThat(offer(source, THIEF, ssrc, 154, 50, 300 * SECOND_NS)).isFalse();
    assertThat(source.target()).isEqualTo(ANNOUNCED);
  }

  @Test
  void followsAStreamBehindANatToAnotherHostOnlyWhereItContinuesAfterSilence() {
    source.announce(ANNOUNCED);
    offer(source, NATTED, 7, 100, 4, 0);
    InetSocketAddress after = new InetSocketAddress("198.51.100.2", 7100);

    assertThat(offer(source, after, 7, 104, 5, SECOND_NS)).as("not silent").isFalse();
    assertThat(offer(source, THIEF, 1, 1, 50, 3 * SECOND_NS)).as("not the stream").isFalse();
    assertThat(offer(source, after, 7, 104, 4, 3 * SECOND_NS)).isFalse();
    assertThat(offer(source, after, 7, 108, 1, 3 * SECOND_NS)).isTrue();
  }

  @Test
  void neverTakesAPortOfTheGatewayItself() {
    source.announce(OWN);

    assertThat(offer(OWN, 1, 50, 0)).isFalse();
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
    RtpSource strict =
        new RtpSource(
            SettingsDefaults.of(RtpSettings.class, Map.of("source", RtpSettings.Source.ADDRESS)),
            own -> false);
    strict.announce(ANNOUNCED);

    assertThat(offer(strict, NATTED, 1, 1, 2, 0)).isFalse();
    InetSocketAddress otherPort = new InetSocketAddress("192.0.2.1", 4100);
    assertThat(offer(strict, otherPort, 1, 1, 1, 0)).isFalse();
    assertThat(offer(strict, otherPort, 1, 2, 1, 0)).isTrue();
  }

  @Test
  void reusesPortsOldestFirstAndOnlyAfterTheirQuarantine() {
    RtpPorts ports = new RtpPorts(20_000, 2, SECOND_NS, 0);

    assertThat(ports.take(0)).hasValue(20_000);
    assertThat(ports.take(0)).hasValue(20_002);
    assertThat(ports.take(0)).isEqualTo(OptionalInt.empty());
    ports.release(20_002, 0);
    ports.release(20_000, 0);
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
