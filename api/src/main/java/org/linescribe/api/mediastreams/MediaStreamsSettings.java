package org.linescribe.api.mediastreams;

import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Twilio Media Streams and its like. */
@ConfigurationProperties("linescribe.media-streams")
@SettingsGroup("linescribe.media-streams")
record MediaStreamsSettings(
    @Setting(
            "Auth token of the Twilio or SignalWire account. With it, a client that has no API key"
                + " must sign its upgrade (X-Twilio-Signature), and one that does needs no key.")
        @DefaultValue("")
        String authToken,
    @Setting(
            "Owner of the sessions of signed upgrades: the API key of this name sees them, besides"
                + " those with the scope admin.")
        @DefaultValue("twilio")
        String owner) {
  MediaStreamsSettings {
    SettingsCheck.require(
        owner.matches("[A-Za-z0-9._-]{1,64}"),
        "linescribe.media-streams.owner",
        "'" + owner + "'",
        "1 to 64 of A-Z a-z 0-9 . _ -");
  }

  /** Never shows the token. */
  @Override
  public String toString() {
    return "MediaStreamsSettings[authToken=%s, owner=%s]"
        .formatted(authToken.isEmpty() ? "none" : "given", owner);
  }
}
