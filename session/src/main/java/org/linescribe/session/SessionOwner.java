package org.linescribe.session;

import java.util.Optional;

/**
 * Names of owners that are no API key's and no trunk's: a SIP caller of whom only the address is
 * known. They hold a colon, which the name of a key or of a trunk must not.
 */
public final class SessionOwner {
  /** Beginning of the owner of a call from an address that no setting names. */
  public static final String STRANGER_PREFIX = "stranger:";

  private static final String HOST_PREFIX = "sip:";

  private SessionOwner() {}

  /**
   * Whether a session that no source has open belongs to somebody else than who asks. Where no key
   * is asked for, the APIs' clients have no name and may continue every session.
   */
  public static boolean isAnothers(Optional<String> owner, Optional<String> asking) {
    return owner.isPresent() && asking.isPresent() && !owner.equals(asking);
  }

  /** A caller in a trusted network that is no trunk's. */
  public static String ofHost(String address) {
    return HOST_PREFIX + address;
  }

  /** A caller from anywhere else. */
  public static String ofStranger(String address) {
    return STRANGER_PREFIX + address;
  }
}
