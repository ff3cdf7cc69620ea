package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.PendingCalls.Verdict;

class PendingCallsTest {
  private static InetAddress host(String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** Begins calls as long as they may begin. */
  private static List<PendingCall> fill(PendingCalls calls, String... addresses) {
    List<PendingCall> begun = new ArrayList<>();
    boolean goesOn = true;
    while (goesOn) {
      goesOn = false;
      for (String address : addresses) {
        if (calls.mayBegin(host(address)) == Verdict.YES) {
          begun.add(calls.begin(host(address)));
          goesOn = true;
        }
      }
    }
    return begun;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 100, 30_000})
  void aSourceAloneGetsItsWholeLimit(int limit) {
    PendingCalls calls = new PendingCalls(limit);

    assertThat(fill(calls, "192.0.2.1")).hasSize(limit);
    assertThat(calls.mayBegin(host("192.0.2.1"))).isEqualTo(Verdict.NO);
  }

  @Test
  void manySourcesLeaveAPlaceForANewcomer() {
    PendingCalls calls = new PendingCalls(100);
    String[] flood = new String[20];
    for (int i = 0; i < flood.length; i++) {
      flood[i] = "192.0.2." + (i + 1);
    }

    assertThat(fill(calls, flood)).hasSizeLessThan(150);

    assertThat(calls.mayBegin(host("198.51.100.7"))).isEqualTo(Verdict.YES);
    assertThat(calls.mayBegin(host("192.0.2.1"))).isEqualTo(Verdict.NO);
  }

  /** Each of them is a newcomer. */
  @Test
  void whereEveryAddressIsForgedANewcomerTakesAnothersPlace() {
    PendingCalls calls = new PendingCalls(2);
    List<PendingCall> begun = fill(calls, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4");
    assertThat(begun).hasSize(3);
    assertThat(calls.mayBegin(host("198.51.100.7"))).isEqualTo(Verdict.INSTEAD_OF_ANOTHER);

    begun.getFirst().giveUp();

    assertThat(calls.mayBegin(host("198.51.100.7"))).isEqualTo(Verdict.YES);
  }

  @Test
  void aSourceThatHasAcknowledgedACallIsNotTouchedByAFlood() {
    PendingCalls calls = new PendingCalls(4);
    PendingCall first = calls.begin(host("198.51.100.7"));
    assertThat(first.acknowledge()).isTrue();
    fill(calls, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6");

    List<PendingCall> own = fill(calls, "198.51.100.7");

    assertThat(own).hasSize(4).noneMatch(PendingCall::isUnproven);
    assertThat(calls.mayBegin(host("198.51.100.7"))).isEqualTo(Verdict.NO);
  }

  @Test
  void theFirstAckFreesTheSharedPlacesOfItsSource() {
    PendingCalls calls = new PendingCalls(2);
    List<PendingCall> begun = fill(calls, "192.0.2.1");
    fill(calls, "192.0.2.2");
    assertThat(calls.mayBegin(host("192.0.2.3"))).isEqualTo(Verdict.INSTEAD_OF_ANOTHER);

    begun.getFirst().acknowledge();

    assertThat(calls.mayBegin(host("192.0.2.3"))).isEqualTo(Verdict.YES);
    assertThat(fill(calls, "192.0.2.1")).hasSize(1);
  }

  /** As one that calls by TCP: its address is its own. */
  @Test
  void aSourceThatIsKnownOtherwiseNeedsNoAck() {
    PendingCalls calls = new PendingCalls(4);
    fill(calls, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6");

    calls.prove(host("198.51.100.7"));

    assertThat(fill(calls, "198.51.100.7")).hasSize(4);
  }

  @Test
  void hostsOfOneIpv6NetworkAreOneSource() {
    PendingCalls calls = new PendingCalls(2);

    assertThat(fill(calls, "2001:db8::1", "2001:db8::2", "2001:db8::3")).hasSize(2);
    assertThat(calls.mayBegin(host("2001:db8:0:1::1"))).isEqualTo(Verdict.YES);
  }

  @Test
  void exactlyOneThingBecomesOfACall() {
    PendingCalls calls = new PendingCalls(1);
    PendingCall acknowledged = calls.begin(host("192.0.2.1"));
    acknowledged.acknowledge();
    PendingCall givenUp = calls.begin(host("192.0.2.2"));
    givenUp.giveUp();

    assertThat(acknowledged.giveUp()).isFalse();
    assertThat(givenUp.acknowledge()).isFalse();
    assertThat(givenUp.giveUp()).isFalse();
    acknowledged.end();
    givenUp.end();
    assertThat(fill(calls, "192.0.2.1")).hasSize(1);
    assertThat(fill(calls, "192.0.2.2")).hasSize(1);
  }

  @Test
  void forgetsTheSourcesThatWereProvenLongestAgo() {
    PendingCalls calls = new PendingCalls(1);
    for (int i = 0; i < 10_001; i++) {
      calls.begin(host("10.0." + i / 256 + "." + i % 256)).acknowledge();
    }

    assertThat(calls.begin(host("10.0.0.0")).isUnproven()).isTrue();
    assertThat(calls.begin(host("10.0.0.1")).isUnproven()).isFalse();
  }
}
