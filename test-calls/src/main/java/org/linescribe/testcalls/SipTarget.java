package org.linescribe.testcalls;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A SIP address to call.
 *
 * @param uri as given, without the headers after {@code ?}
 * @param transport "udp" or "tcp"
 */
record SipTarget(String uri, String host, int port, String transport) {
  private static final int DEFAULT_PORT = 5060;
  private static final Pattern SIP_URI =
      Pattern.compile(
          "sip:(?:[^@\\s]+@)?(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?((?:;[^;?\\s]+)*)(?:\\?\\S*)?",
          Pattern.CASE_INSENSITIVE);

  /** {@code sip:[USER@]HOST[:PORT][;transport=udp|tcp]}. Source: RFC 3261 §19.1.1. */
  static SipTarget parse(String uri) {
    Matcher matcher = SIP_URI.matcher(uri);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          uri + ": no SIP address (expected: sip:HOST:PORT, or sip:HOST:PORT;transport=tcp)");
    }
    String transport = "udp";
    for (String parameter : matcher.group(3).split(";")) {
      String lower = parameter.toLowerCase(Locale.ROOT);
      if (lower.startsWith("transport=")) {
        transport = lower.substring("transport=".length());
      }
    }
    if (!transport.equals("udp") && !transport.equals("tcp")) {
      throw new IllegalArgumentException(
          uri + ": transport " + transport + " is not spoken here (expected: udp or tcp)");
    }
    int port = matcher.group(2) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(2));
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(uri + ": port " + port + " (expected: 1..65535)");
    }
    int query = uri.indexOf('?');
    return new SipTarget(
        query < 0 ? uri : uri.substring(0, query), matcher.group(1), port, transport);
  }

  InetSocketAddress resolve() throws CallFailedException {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new CallFailedException(CallFailedException.Kind.UNREACHABLE, "no such host: " + host);
    }
  }

  @Override
  public String toString() {
    return host + ":" + port + " (" + transport.toUpperCase(Locale.ROOT) + ")";
  }
}
