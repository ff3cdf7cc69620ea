package org.linescribe.gateway.sip;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What counts as one source where limits are per source: an IPv4 address, or the /64 of an IPv6
 * host, which is handed out whole.
 *
 * @param prefix its bytes as hexadecimal digits
 */
public record SourceNetwork(String prefix) {
  private static final int IPV6_LENGTH = 16;
  private static final int IPV6_PREFIX = 8;

  public static SourceNetwork of(InetAddress source) {
    return new SourceNetwork(HexFormat.of().formatHex(prefix(source)));
  }

  static byte[] prefix(InetAddress source) {
    byte[] bytes = source.getAddress();
    return bytes.length == IPV6_LENGTH ? Arrays.copyOf(bytes, IPV6_PREFIX) : bytes;
  }
}
