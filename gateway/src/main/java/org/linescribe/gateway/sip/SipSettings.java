package org.linescribe.gateway.sip;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.linescribe.settings.Default;
import org.linescribe.settings.HostPort;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** SIP sockets, and which requests are served. */
@SettingsGroup("linescribe.sip")
public record SipSettings(
    @Setting(
            "HOST:PORT for UDP and TCP, an IP address or a name of this machine; port 0 takes a"
                + " free one.")
        @Default("127.0.0.1:5060")
        String bind,
    @Setting(
            "IP address or name that peers are told in Via, Contact and SDP; empty: the bound one,"
                + " or for a wildcard bind the one that this machine reaches the peer with.")
        String advertisedAddress,
    @Setting("Hosts of the Request-URI that are served, others get 404; empty: any.")
        List<String> domains,
    @Setting("User parts of the Request-URI that are served, others get 404; empty: any.")
        List<String> users,
    @Setting("TCP connections at once; more are closed at once.")
        @Default("1000")
        @Range("1 to 65535")
        int maxConnections,
    @Setting("A TCP connection without a byte is closed after this long.")
        @Default("10m")
        @Range("1s to 24h")
        Duration idleTimeout,
    @Setting("A message that began to arrive on TCP must be whole by then.")
        @Default("10s")
        @Range("1s to 5m")
        Duration messageTimeout,
    @Setting("A longer message is refused (513) and its connection closed.")
        @Default("65535")
        @Range("2048 to 65535")
        int maxMessageBytes,
    @Setting(
            "Messages in a second from one address (IPv6: one /64); more are dropped on UDP and"
                + " answered with 503 on TCP. 0: no limit.")
        @Default("1000")
        @Range("0 to 100000")
        int maxMessagesPerSource) {

  public SipSettings {
    SettingsCheck.ranges(
        SipSettings.class,
        maxConnections,
        idleTimeout,
        messageTimeout,
        maxMessageBytes,
        maxMessagesPerSource);
    domains = domains.stream().map(d -> d.toLowerCase(Locale.ROOT)).toList();
    users = List.copyOf(users);
    advertisedAddress = advertisedAddress.strip().replaceFirst("^\\[(.*)]$", "$1");
    HostPort.parse("linescribe.sip.bind", bind);
  }

  /** The defaults on an address. */
  public static SipSettings on(String bind) {
    return SettingsDefaults.of(SipSettings.class, Map.of("bind", bind));
  }

  /** The port of {@link #bind()}. */
  public int port() {
    return HostPort.parse("linescribe.sip.bind", bind).port();
  }

  /**
   * The advertised address as a URI and a Via have it, IPv6 in brackets; empty when none is set.
   */
  String advertisedHost() {
    return advertisedAddress.contains(":") ? "[" + advertisedAddress + "]" : advertisedAddress;
  }

  /** The address of {@link #bind()}; resolves a name. */
  InetSocketAddress bindAddress() throws SipBindException {
    return SipListeners.address("linescribe.sip.bind", bind);
  }
}
