package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.settings.HostPort;

class OwnAddressesTest {
  private static final List<InetAddress> OWN =
      List.of(
          InetAddress.ofLiteral("192.168.7.5"),
          InetAddress.ofLiteral("172.17.0.1"),
          scoped("2001:db8:0:0:0:0:0:5"));

  /** As an interface of Linux gives it, with the number of that interface. */
  private static InetAddress scoped(String address) {
    try {
      return Inet6Address.getByAddress(null, InetAddress.ofLiteral(address).getAddress(), 2);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "pbx.example  | 0.0.0.0:5060     | pbx.example:5060",
        "2001:db8::9  | 0.0.0.0:5060     | [2001:db8::9]:5060",
        "''           | 192.168.7.5:5070 | 192.168.7.5:5070",
        "''           | 127.0.0.1:5060   | 127.0.0.1:5060",
        "''           | 0.0.0.0:5060     | 192.168.7.5:5060 172.17.0.1:5060",
        "''           | [::]:5060        | 192.168.7.5:5060 172.17.0.1:5060" + " [2001:db8::5]:5060"
      })
  void aPhoneCallsTheAdvertisedAddressElseTheOneBoundElseTheMachinesOwn(
      String advertised, String bound, String reaching) {
    assertThat(OwnAddresses.reaching(advertised, HostPort.parse("bind", bound), OWN))
        .map(HostPort::toString)
        .containsExactly(reaching.split(" "));
  }

  @Test
  void aMachineWithoutANetworkIsCalledFromItself() {
    assertThat(OwnAddresses.reaching("", new HostPort("0.0.0.0", 5060), List.of()))
        .containsExactly(new HostPort("127.0.0.1", 5060));
  }

  @Test
  void noOwnAddressIsLoopback() {
    assertThat(OwnAddresses.all()).noneMatch(InetAddress::isLoopbackAddress);
  }
}
