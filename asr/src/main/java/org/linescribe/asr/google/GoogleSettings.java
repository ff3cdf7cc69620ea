package org.linescribe.asr.google;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** Google Cloud Speech-to-Text: sends the callers' audio to Google. */
@SettingsGroup("linescribe.providers.google")
public record GoogleSettings(
    @Setting("Whether this node offers the provider.") @Default("false") boolean enabled,
    @Setting("HOST:PORT of the service; empty: Google's.") String endpoint,
    @Setting("No TLS and no credentials, for a test server at the endpoint.") @Default("false")
        boolean plaintext,
    @Setting(
            "A service account's JSON file; empty: GOOGLE_APPLICATION_CREDENTIALS or the machine's"
                + " account.")
        String credentials,
    @Setting("BCP 47 tag of the language where the source names none.") @Default("en-US")
        String language,
    @Setting(
            "Up to three more tags, comma between, among which Google detects the language where"
                + " the source names none.")
        String alternatives,
    @Setting("One of Google's models, such as phone_call; empty: its default.") String model,
    @Setting(
            "A call to Google is replaced at the next pause after this long; Google ends one after"
                + " five minutes.")
        @Default("240s")
        @Range("10s to 290s")
        Duration rollover,
    @Setting("How long Google may take for the rest of an ended call.")
        @Default("4s")
        @Range("1s to 60s")
        Duration answerWithin,
    @Setting("Audio that waits for the network before a stream refuses more.")
        @Default("10s")
        @Range("1s to 5m")
        Duration queueBound) {
  private static final String PREFIX = "linescribe.providers.google.";

  public GoogleSettings {
    SettingsCheck.ranges(GoogleSettings.class, rollover, answerWithin, queueBound);
    SettingsCheck.require(!language.isBlank(), PREFIX + "language", "''", "a tag like en-US");
    SettingsCheck.require(
        !plaintext || !endpoint.isBlank(), PREFIX + "plaintext", true, "false without an endpoint");
    SettingsCheck.require(
        tags(alternatives).size() <= 3,
        PREFIX + "alternatives",
        "'" + alternatives + "'",
        "at most 3 tags");
  }

  /** A server on this machine that speaks the same protocol. */
  public static GoogleSettings plaintext(String endpoint) {
    return SettingsDefaults.of(
        GoogleSettings.class, Map.of("enabled", true, "endpoint", endpoint, "plaintext", true));
  }

  /** What Google is told for a tag of a client: it wants a region, "en" is "en-US". */
  String spoken(Optional<String> tag) {
    if (tag.isEmpty()) {
      return language;
    }
    return tag.get().contains("-")
        ? tag.get()
        : Stream.concat(Stream.of(language), tags(alternatives).stream())
            .filter(known -> primary(known).equals(primary(tag.get())))
            .findFirst()
            .orElse(tag.get());
  }

  List<String> alternativeTags() {
    return tags(alternatives);
  }

  private static List<String> tags(String list) {
    return Stream.of(list.split(",")).map(String::strip).filter(tag -> !tag.isEmpty()).toList();
  }

  private static String primary(String tag) {
    return tag.split("-", 2)[0].toLowerCase(Locale.ROOT);
  }
}
