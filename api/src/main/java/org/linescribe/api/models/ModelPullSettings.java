package org.linescribe.api.models;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Where models are had from. */
@ConfigurationProperties(value = "linescribe.models", ignoreUnknownFields = false)
@SettingsGroup("linescribe.models")
record ModelPullSettings(
    @Setting(
            "Folder of the catalogue's archives by HTTP, for machines that do not reach the"
                + " catalogue's hosts: POST /models/NAME/pull takes NAME.tar.bz2 from there. Empty:"
                + " as the catalogue says.")
        @DefaultValue("")
        String mirror) {

  ModelPullSettings {
    SettingsCheck.require(
        mirror.isEmpty() || isFolder(mirror),
        "linescribe.models.mirror",
        "'" + mirror + "'",
        "https://HOST[:PORT]/PATH/ or http://…, with a slash at its end");
  }

  private static boolean isFolder(String text) {
    try {
      URI uri = new URI(text);
      return Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getRawQuery() == null
          && text.endsWith("/");
    } catch (URISyntaxException broken) {
      return false;
    }
  }
}
