package org.linescribe.app;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;
import org.linescribe.settings.HostPort;

/** The addresses by which others may know this machine. */
final class OwnAddresses {
  /** Documentation's own (RFC 5737): it is routed as any other, and no packet is sent to it. */
  private static final InetSocketAddress ANYWHERE = new InetSocketAddress("192.0.2.1", 9);

  private OwnAddresses() {}

  /** Those that are neither loopback nor link-local, that of the default route first. */
  static List<InetAddress> all() {
    InetAddress routed = ofDefaultRoute();
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .sorted(
              Comparator.comparing((InetAddress address) -> !address.equals(routed))
                  .thenComparing(address -> !(address instanceof Inet4Address))
                  .thenComparing(InetAddress::getHostAddress))
          .toList();
    } catch (SocketException unknown) {
      return List.of();
    }
  }

  /**
   * As others write it: the JVM's own text of an interface's IPv6 address ends with the name of
   * that interface, which means nothing elsewhere. Source: RFC 5952 §4.
   */
  static String text(InetAddress address) {
    return NetUtil.toAddressString(address);
  }

  private static InetAddress ofDefaultRoute() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ANYWHERE);
      return socket.getLocalAddress();
    } catch (IOException none) {
      return InetAddress.getLoopbackAddress();
    }
  }

  /**
   * What a phone calls to reach a socket, likeliest first: the advertised address, else the one
   * that is bound, else each of the machine's own; loopback where it has no other.
   *
   * @param advertised an address or a name without a port, empty for none
   * @param bound with the port that is really open
   */
  static List<HostPort> reaching(String advertised, HostPort bound, List<InetAddress> own) {
    if (!advertised.isEmpty()) {
      return List.of(new HostPort(advertised, bound.port()));
    }
    if (bound.fromHere().equals(bound)) {
      return List.of(bound);
    }
    boolean onlyIpv4 = bound.host().equals("0.0.0.0");
    List<HostPort> reaching =
        own.stream()
            .filter(address -> !onlyIpv4 || address instanceof Inet4Address)
            .map(address -> new HostPort(text(address), bound.port()))
            .toList();
    return reaching.isEmpty() ? List.of(bound.fromHere()) : reaching;
  }
}
