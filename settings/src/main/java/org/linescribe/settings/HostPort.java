package org.linescribe.settings;

import java.net.InetSocketAddress;

/**
 * An address to listen on, {@code HOST:PORT}; an IPv6 host stands in brackets.
 *
 * @param port 0 takes any free one
 */
public record HostPort(String host, int port) {
  /**
   * @param key of the setting, for the message
   * @throws IllegalArgumentException naming key, value and what is expected
   */
  public static HostPort parse(String key, String value) {
    int colon = value.lastIndexOf(':');
    String host = colon < 0 ? "" : value.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      host = "";
    }
    int port = -1;
    try {
      port = Integer.parseInt(value.substring(colon + 1));
    } catch (NumberFormatException notANumber) {
      // Told below, with the whole value.
    }
    if (host.isEmpty() || port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          key + ": '" + value + "' (expected: HOST:PORT with port 0..65535, or [IPv6]:PORT)");
    }
    return new HostPort(host, port);
  }

  /** The address; unresolved when the name means nothing here. */
  public InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  /** By what a client on this machine reaches it: loopback where it listens on every address. */
  public HostPort fromHere() {
    return switch (host) {
      case "0.0.0.0" -> new HostPort("127.0.0.1", port);
      case "::", "0:0:0:0:0:0:0:0" -> new HostPort("::1", port);
      default -> this;
    };
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
