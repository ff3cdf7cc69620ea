package org.linescribe.gateway.sip;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Settings under {@code linescribe.sip}.
 *
 * @param bind where SIP listens, UDP and TCP on the same port: {@code HOST:PORT}, an IP address or
 *     a name of this machine; port 0 takes a free one. Default 127.0.0.1:5060
 * @param advertisedAddress IP address or name that peers are told in Via, Contact and SDP; empty:
 *     the bound one, or for a wildcard bind the one that this machine reaches the peer with
 * @param domains hosts of the Request-URI that are served, others get 404; empty: any
 * @param users user parts of the Request-URI that are served, others get 404; empty: any
 * @param maxConnections TCP connections at once, 1 to 65535; more are closed at once. Default 1000
 * @param idleTimeout a TCP connection without a byte for so long is closed, 1 s to 1 day. Default
 *     10 min
 * @param messageTimeout a message that began to arrive on TCP must be whole by then, 1 s to 5 min.
 *     Default 10 s
 * @param maxMessageBytes a longer message is refused (513, and the connection closed), 2048 to
 *     65535. Default 65535
 */
public record SipSettings(
    String bind,
    String advertisedAddress,
    List<String> domains,
    List<String> users,
    int maxConnections,
    Duration idleTimeout,
    Duration messageTimeout,
    int maxMessageBytes) {

  public SipSettings {
    domains = domains.stream().map(d -> d.toLowerCase(Locale.ROOT)).toList();
    users = List.copyOf(users);
    advertisedAddress = advertisedAddress.strip().replaceFirst("^\\[(.*)]$", "$1");
    port(bind);
    range("max-connections", maxConnections, 1, 65535);
    range("idle-timeout", idleTimeout, Duration.ofSeconds(1), Duration.ofDays(1));
    range("message-timeout", messageTimeout, Duration.ofSeconds(1), Duration.ofMinutes(5));
    range("max-message-bytes", maxMessageBytes, 2048, 65535);
  }

  /** The defaults on an address. */
  public static SipSettings on(String bind) {
    return new SipSettings(
        bind,
        "",
        List.of(),
        List.of(),
        1000,
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        65535);
  }

  /** The port of {@link #bind()}. */
  public int port() {
    return port(bind);
  }

  /**
   * The advertised address as a URI and a Via have it, IPv6 in brackets; empty when none is set.
   */
  String advertisedHost() {
    return advertisedAddress.contains(":") ? "[" + advertisedAddress + "]" : advertisedAddress;
  }

  /** The address of {@link #bind()}; resolves a name. */
  InetSocketAddress bindAddress() throws SipBindException {
    String host = bind.substring(0, bind.lastIndexOf(':'));
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port());
    } catch (UnknownHostException e) {
      throw new SipBindException(
          "linescribe.sip.bind: " + bind + ": the host '" + host + "' is not known", e);
    }
  }

  private static int port(String bind) {
    int colon = bind.lastIndexOf(':');
    try {
      int port = Integer.parseInt(bind.substring(colon + 1));
      if (colon > 0 && port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message that names what is expected
    }
    throw new IllegalArgumentException(
        "linescribe.sip.bind: '" + bind + "' (expected: HOST:PORT, port 0 to 65535)");
  }

  private static <T extends Comparable<T>> void range(String key, T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "linescribe.sip." + key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }
}
