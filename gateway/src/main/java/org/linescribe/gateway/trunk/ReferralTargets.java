package org.linescribe.gateway.trunk;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whom a peer may have called by REFER: hosts of its trunk, or of a list. Whoever may name any
 * other host can have calls placed at the gateway's cost and from its address.
 */
public final class ReferralTargets {
  /** REFER is refused. */
  public static final ReferralTargets NONE = new ReferralTargets(false, List.of(), Set.of());

  private final boolean isFollowed;
  private final List<IpSubnetFilterRule> networks;
  private final Set<String> names;

  private ReferralTargets(
      boolean isFollowed, List<IpSubnetFilterRule> networks, Set<String> names) {
    this.isFollowed = isFollowed;
    this.networks = networks;
    this.names = names;
  }

  /**
   * The trunk's domains are none of them: they are what it calls here, often the gateway itself.
   *
   * @param addresses networks of the trunk
   * @param more names, addresses and networks
   */
  static ReferralTargets of(List<String> addresses, List<String> more) {
    Set<String> names = new HashSet<>();
    List<IpSubnetFilterRule> networks =
        new ArrayList<>(addresses.stream().map(Trunk::network).toList());
    for (String target : more) {
      if (isName(target)) {
        names.add(target.toLowerCase(Locale.ROOT));
      } else {
        networks.add(Trunk.network(target));
      }
    }
    return new ReferralTargets(true, List.copyOf(networks), Set.copyOf(names));
  }

  /** A host name; anything else has to be an address or a network. */
  static boolean isName(String target) {
    return target.matches("[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9._-]*");
  }

  /** Whether REFER is followed at all. */
  public boolean isFollowed() {
    return isFollowed;
  }

  /**
   * Whether a REFER comes from the peer of its dialog, or from its trunk.
   *
   * @param caller host of the peer
   */
  public boolean mayAsk(InetAddress source, InetAddress caller) {
    return source.equals(caller) || isInNetwork(source);
  }

  /**
   * @param host as the URI has it: a name is looked up by nobody here, so that only the listed ones
   *     count
   * @param caller host of the peer, which it may name too
   */
  public boolean includes(String host, InetAddress caller) {
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", ""));
    } catch (IllegalArgumentException name) {
      return names.contains(host.toLowerCase(Locale.ROOT));
    }
    return address.equals(caller) || isInNetwork(address);
  }

  private boolean isInNetwork(InetAddress address) {
    InetSocketAddress socket = new InetSocketAddress(address, 0);
    return networks.stream().anyMatch(network -> network.matches(socket));
  }
}
