package org.linescribe.gateway.sip;

import java.util.List;
import java.util.Locale;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** SIP over WebSocket, for browsers. Source: RFC 7118. */
@SettingsGroup("linescribe.sip.websocket")
public record SipWebSocketSettings(
    @Setting("HOST:PORT for SIP over WebSocket without TLS (ws); empty: off.") String bind,
    @Setting(
            "HOST:PORT for SIP over WebSocket with TLS (wss), with the certificate of"
                + " linescribe.sip.tls; empty: off.")
        String tlsBind,
    @Setting(
            "Origins of pages that may connect, like https://phone.example.com; * for all. A page"
                + " from the address that it connects to may always, and so may what is no page.")
        List<String> origins) {

  public SipWebSocketSettings {
    bind = bind.strip();
    tlsBind = tlsBind.strip();
    origins = origins.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
  }

  /** No WebSocket. */
  public static SipWebSocketSettings off() {
    return SettingsDefaults.of(SipWebSocketSettings.class);
  }
}
