package org.linescribe.gateway.call;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.linescribe.session.SessionOwner;

/**
 * Whose the call of no trunk is, by the address that its INVITE came from: a host's of a trusted
 * network, or a stranger's.
 *
 * <p>Thread: any.
 */
final class CallerNetworks {
  private final List<IpSubnetFilterRule> trusted;

  private CallerNetworks(List<IpSubnetFilterRule> trusted) {
    this.trusted = trusted;
  }

  /**
   * @param trusted ADDRESS/PREFIX
   * @throws IllegalArgumentException naming the setting and the value that is malformed
   */
  static CallerNetworks of(List<String> trusted) {
    return new CallerNetworks(trusted.stream().map(CallerNetworks::network).toList());
  }

  private static IpSubnetFilterRule network(String text) {
    String[] fields = text.strip().split("/", 2);
    try {
      return new IpSubnetFilterRule(
          InetAddress.ofLiteral(fields[0]), Integer.parseInt(fields[1]), IpFilterRuleType.ACCEPT);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "linescribe.call.session-id-networks: '" + text + "' (expected: ADDRESS/PREFIX)", e);
    }
  }

  String owner(InetAddress caller) {
    String host = caller.getHostAddress().replaceFirst("%.*", "");
    return isTrusted(caller) ? SessionOwner.ofHost(host) : SessionOwner.ofStranger(host);
  }

  /** Whether the callers of this address may choose their session by X-Session-Id. */
  boolean isTrusted(InetAddress caller) {
    InetSocketAddress address = new InetSocketAddress(caller, 0);
    return trusted.stream().anyMatch(network -> network.matches(address));
  }
}
