package org.linescribe.gateway.sip;

import java.util.Locale;

/** Transport of SIP. Source: RFC 3261 §18, RFC 7118. */
enum SipProtocol {
  UDP(5060),
  TCP(5060),
  TLS(5061),
  /** WebSocket. */
  WS(80),
  /** WebSocket over TLS. */
  WSS(443);

  private final int defaultPort;

  SipProtocol(int defaultPort) {
    this.defaultPort = defaultPort;
  }

  /**
   * @param name as in a Via or a transport parameter
   */
  static SipProtocol of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** As the stack and a transport parameter have it: "udp". */
  String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }

  int defaultPort() {
    return defaultPort;
  }

  /** Whether messages come by a connection. */
  boolean isStream() {
    return this != UDP;
  }

  boolean isSecure() {
    return this == TLS || this == WSS;
  }

  /** What a sips URI makes of its transport parameter. Source: RFC 3261 §26.2.2, RFC 7118 §4. */
  SipProtocol secured() {
    return isWebSocket() ? WSS : TLS;
  }

  boolean isWebSocket() {
    return this == WS || this == WSS;
  }
}
