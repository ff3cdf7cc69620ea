package org.linescribe.session.mediaports;

import java.util.List;

/**
 * The ports that a session has.
 *
 * @param receiving whether audio has come, and so the session has begun
 */
public record OpenMediaPorts(MediaPortRequest request, boolean receiving, List<Port> ports) {
  public OpenMediaPorts {
    ports = List.copyOf(ports);
  }

  /**
   * Where a leg's audio is sent.
   *
   * @param host an IP address, or the name that the settings advertise
   * @param receivedPackets that were the session's
   */
  public record Port(String leg, String host, int port, long receivedPackets) {}
}
