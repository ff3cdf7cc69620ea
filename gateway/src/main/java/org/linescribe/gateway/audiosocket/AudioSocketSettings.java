package org.linescribe.gateway.audiosocket;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.linescribe.settings.Default;
import org.linescribe.settings.HostPort;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;

/** Asterisk's AudioSocket. */
@SettingsGroup("linescribe.audiosocket")
public record AudioSocketSettings(
    @Setting(
            "HOST:PORT to listen on, an IP address or a name of this machine; port 0 takes a free"
                + " one; empty: off. The protocol has no key: let only your PBX reach the port.")
        @Default("")
        String bind,
    @Setting("Connections at once; more are closed at once.") @Default("1000") @Range("1 to 65535")
        int maxConnections,
    @Setting("A connection on which nothing comes is closed after this long.")
        @Default("30s")
        @Range("1s to 1h")
        Duration idleTimeout,
    @Setting(
            "Owner of the sessions: the API key of this name sees them, besides those with the"
                + " scope admin.")
        @Default("audiosocket")
        String owner) {
  private static final String BIND = "linescribe.audiosocket.bind";

  public AudioSocketSettings {
    SettingsCheck.ranges(AudioSocketSettings.class, maxConnections, idleTimeout);
    SettingsCheck.require(
        owner.matches("[A-Za-z0-9._-]{1,64}"),
        "linescribe.audiosocket.owner",
        "'" + owner + "'",
        "1 to 64 of A-Z a-z 0-9 . _ -");
    if (!bind.isBlank()) {
      HostPort.parse(BIND, bind);
    }
  }

  /** Where it listens; it {@linkplain #isOn is on}. */
  InetSocketAddress address() {
    return HostPort.parse(BIND, bind).address();
  }

  /** Whether anything listens. */
  public boolean isOn() {
    return !bind.isBlank();
  }
}
