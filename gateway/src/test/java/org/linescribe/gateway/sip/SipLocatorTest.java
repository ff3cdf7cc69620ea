package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gov.nist.javax.sip.address.AddressFactoryImpl;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import javax.sip.address.SipURI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SipLocatorTest {
  private static final Set<SipProtocol> ALL =
      Set.of(SipProtocol.UDP, SipProtocol.TCP, SipProtocol.TLS);

  private static final String ZONE =
      """
      naptr.test. 60 IN NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.naptr.test.
      naptr.test. 60 IN NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp.naptr.test.
      naptr.test. 60 IN NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.naptr.test.
      naptr.test. 60 IN NAPTR 5 10 "s" "SIP+D2X" "" _sip._x.naptr.test.
      _sip._udp.naptr.test. 60 IN SRV 0 0 5001 localhost.
      _sip._tcp.naptr.test. 60 IN SRV 0 0 5002 localhost.
      _sips._tcp.naptr.test. 60 IN SRV 0 0 5003 localhost.
      _sip._udp.srv.test. 60 IN SRV 20 0 5022 localhost.
      _sip._udp.srv.test. 60 IN SRV 10 0 5011 nowhere.invalid.
      _sip._udp.srv.test. 60 IN SRV 10 0 5012 localhost.
      _sip._tcp.srv.test. 60 IN SRV 0 0 5030 localhost.
      _sip._udp.weights.test. 60 IN SRV 0 90 5090 localhost.
      _sip._udp.weights.test. 60 IN SRV 0 10 5010 localhost.
      _sip._udp.none.test. 60 IN SRV 0 0 0 .
      """;

  private static List<String> located(String uri, Set<SipProtocol> served) throws Exception {
    return located(ZONE, uri, served);
  }

  private static List<String> located(String zone, String uri, Set<SipProtocol> served)
      throws Exception {
    return located(zone, uri, SipProtocol.UDP, served);
  }

  private static List<String> located(
      String zone, String uri, SipProtocol fallback, Set<SipProtocol> served) throws Exception {
    try (ZoneServer server = new ZoneServer(zone)) {
      SipURI parsed = (SipURI) new AddressFactoryImpl().createURI(uri);
      return new SipLocator(server.address())
          .locate(parsed, fallback, served::contains).stream()
              .filter(target -> target.address().getAddress().length == 4)
              .map(
                  target ->
                      target.protocol()
                          + " "
                          + target.address().getHostAddress()
                          + ":"
                          + target.port())
              .toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sip:192.0.2.1, UDP 192.0.2.1:5060",
    "sip:192.0.2.1:5070;transport=tcp, TCP 192.0.2.1:5070",
    "sips:192.0.2.1, TLS 192.0.2.1:5061",
    "sips:192.0.2.1;transport=tcp, TLS 192.0.2.1:5061",
    "sips:192.0.2.1:5070;transport=udp, TLS 192.0.2.1:5070",
    "sips:192.0.2.1;transport=ws, WSS 192.0.2.1:443",
    "sips:naptr.test;transport=tcp, TLS 127.0.0.1:5003",
    "sip:localhost:5080, UDP 127.0.0.1:5080",
    "sip:localhost, UDP 127.0.0.1:5060",
    "sip:naptr.test, TLS 127.0.0.1:5003|TCP 127.0.0.1:5002|UDP 127.0.0.1:5001",
    "sips:naptr.test, TLS 127.0.0.1:5003",
    "sip:naptr.test;transport=udp, UDP 127.0.0.1:5001",
    "sip:srv.test, UDP 127.0.0.1:5012|UDP 127.0.0.1:5022|TCP 127.0.0.1:5030",
    "sip:srv.test;transport=tcp, TCP 127.0.0.1:5030"
  })
  void findsTheServersInTheirOrder(String uri, String expected) throws Exception {
    assertThat(located(uri, ALL)).containsExactly(expected.split("\\|"));
  }

  /** A dialog by TLS has told secrets, as keys of its media, that must not leave it by DNS. */
  @ParameterizedTest
  @CsvSource({
    "sip:naptr.test, TLS 127.0.0.1:5003",
    "sip:srv.test, ''",
    "sip:localhost, TLS 127.0.0.1:5061",
    "sip:naptr.test;transport=udp, UDP 127.0.0.1:5001"
  })
  void keepsToAFallbackThatIsSecure(String uri, String expected) throws Exception {
    if (expected.isEmpty()) {
      assertThatThrownBy(() -> located(ZONE, uri, SipProtocol.TLS, ALL))
          .isInstanceOf(UnknownHostException.class);
    } else {
      assertThat(located(ZONE, uri, SipProtocol.TLS, ALL)).containsExactly(expected);
    }
  }

  @Test
  void leavesOutWhatTheGatewayDoesNotSpeak() throws Exception {
    assertThat(located("sip:naptr.test", Set.of(SipProtocol.UDP)))
        .containsExactly("UDP 127.0.0.1:5001");
  }

  @Test
  void triesSoManyServersOnly() throws Exception {
    StringBuilder zone = new StringBuilder();
    for (int port = 1; port <= 30; port++) {
      zone.append("_sip._udp.many.test. 60 IN SRV " + port + " 0 " + port + " localhost.\n");
    }

    List<String> targets = located(zone.toString(), "sip:many.test", ALL);

    assertThat(targets).hasSize(16).startsWith("UDP 127.0.0.1:1").endsWith("UDP 127.0.0.1:16");
  }

  @Test
  void drawsByWeight() throws Exception {
    int heavy = 0;
    for (int i = 0; i < 200; i++) {
      List<String> targets = located("sip:weights.test", ALL);
      assertThat(targets).hasSize(2);
      heavy += targets.getFirst().endsWith(":5090") ? 1 : 0;
    }
    // 90 % of 200; below 150 only once in 10^9.
    assertThat(heavy).isBetween(150, 199);
  }

  @ParameterizedTest
  @CsvSource({"sip:unknown.test", "sip:none.test"})
  void knowsNoServerWhereThereIsNone(String uri) {
    assertThatThrownBy(() -> located(uri, ALL)).isInstanceOf(UnknownHostException.class);
  }

  @Test
  void namesTheSettingThatIsNoAddress() {
    assertThatThrownBy(() -> new SipLocator("dns.example.com"))
        .hasMessage(
            "linescribe.registration.dns: 'dns.example.com' (expected: ADDRESS or ADDRESS:PORT)");
  }
}
