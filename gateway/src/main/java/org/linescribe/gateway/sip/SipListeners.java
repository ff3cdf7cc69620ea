package org.linescribe.gateway.sip;

import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.settings.HostPort;
import org.linescribe.settings.SettingsCheck;

/** Where SIP listens, by all transports. */
public record SipListeners(SipSettings sip, TlsSettings tls, SipWebSocketSettings webSocket) {
  public SipListeners {
    SettingsCheck.require(
        webSocket.tlsBind().isEmpty() || !tls.certificate().isBlank(),
        "linescribe.sip.tls.certificate",
        "''",
        "a PEM file, because linescribe.sip.websocket.tls-bind is set");
  }

  /** UDP and TCP only. */
  public static SipListeners of(SipSettings sip) {
    return new SipListeners(sip, TlsSettings.off(), SipWebSocketSettings.off());
  }

  /** The transports beside UDP and TCP that are on, with where they bind. */
  Map<SipProtocol, String> binds() {
    Map<SipProtocol, String> binds = new EnumMap<>(SipProtocol.class);
    put(binds, SipProtocol.TLS, tls.bind());
    put(binds, SipProtocol.WS, webSocket.bind());
    put(binds, SipProtocol.WSS, webSocket.tlsBind());
    return binds;
  }

  private static void put(Map<SipProtocol, String> binds, SipProtocol protocol, String bind) {
    if (!bind.isEmpty()) {
      binds.put(protocol, bind);
    }
  }

  /** The setting that says where a transport binds. */
  static String setting(SipProtocol protocol) {
    return switch (protocol) {
      case UDP, TCP -> "linescribe.sip.bind";
      case TLS -> "linescribe.sip.tls.bind";
      case WS -> "linescribe.sip.websocket.bind";
      case WSS -> "linescribe.sip.websocket.tls-bind";
    };
  }

  /** Resolves HOST:PORT. */
  static InetSocketAddress address(String setting, String bind) throws SipBindException {
    InetSocketAddress address = HostPort.parse(setting, bind).address();
    if (address.isUnresolved()) {
      throw new SipBindException(
          setting + ": " + bind + ": the host '" + address.getHostString() + "' is not known");
    }
    return address;
  }
}
