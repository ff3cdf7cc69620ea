package org.linescribe.api.access;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * By which names this gateway may be called. Where it listens on a loopback address and asks for no
 * key, a web page from anywhere could reach it: its host's name is made to lead to 127.0.0.1 when
 * the page is loaded (DNS rebinding), and page and gateway are then of one origin to the browser.
 * The name that the browser asks for gives it away; one that asks for a loopback address or {@code
 * localhost} is on this machine and means it.
 *
 * <p>Source: RFC 9110 §7.2, RFC 6761 §6.3.
 */
final class Hosts {
  /** The setting's word for any name. */
  static final String ANY = "*";

  private final boolean any;
  private final Set<String> names;

  private Hosts(boolean any, Collection<String> names) {
    this.any = any;
    this.names =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Every name: something else keeps strangers out. */
  static Hosts any() {
    return new Hosts(true, Set.of());
  }

  /** This machine's own names, and these. */
  static Hosts loopbackAnd(Collection<String> names) {
    return new Hosts(names.contains(ANY), names);
  }

  /**
   * @param host the request's {@code Host}; null where it has none, as no browser's has not
   */
  boolean allow(@Nullable String host) {
    if (any || host == null) {
      return true;
    }
    String name = withoutPort(host.strip()).toLowerCase(Locale.ROOT);
    return names.contains(name) || isThisMachine(name);
  }

  /** Whether a name in lower case, or an address as a URL has it, is this machine's loopback. */
  static boolean isThisMachine(String name) {
    return name.equals("localhost") || isLoopback(name);
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  /** Looks nothing up: a name is no address. */
  private static boolean isLoopback(String host) {
    boolean isBracketed = host.startsWith("[") && host.endsWith("]");
    try {
      return InetAddress.ofLiteral(isBracketed ? host.substring(1, host.length() - 1) : host)
          .isLoopbackAddress();
    } catch (IllegalArgumentException aName) {
      return false;
    }
  }
}
