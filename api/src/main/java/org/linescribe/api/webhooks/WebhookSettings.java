package org.linescribe.api.webhooks;

import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Who is told of sessions by HTTP. */
@ConfigurationProperties(value = "linescribe.webhooks", ignoreUnknownFields = false)
@SettingsGroup("linescribe.webhooks")
record WebhookSettings(
    @Setting(
            "Receivers. Each: name, url (https, or http), secret (whsec_ and 24 to 64 bytes in"
                + " base64), and, where it does not want all, events: of session.started,"
                + " segment.final, session.ended, call.ended, quality.alert, recording.ready;"
                + " owners: names of API keys and trunks whose sessions it is told of.")
        @DefaultValue
        List<Endpoint> endpoints,
    @Setting(
            "Whether a receiver may have an address that is not public: of this machine, of a"
                + " private network, link-local. Checked when it is connected to, whatever its name"
                + " resolves to.")
        @DefaultValue("false")
        boolean allowPrivate,
    @Setting("How long a receiver may take to answer.") @Range("100ms to 2m") @DefaultValue("10s")
        Duration timeout,
    @Setting("Pause before the first repetition; it doubles with each.")
        @Range("10ms to 1m")
        @DefaultValue("1s")
        Duration firstRetry,
    @Setting("Longest pause between two repetitions.") @Range("10ms to 1h") @DefaultValue("1m")
        Duration lastRetry,
    @Setting("How long an event is repeated before it goes to the dead letters.")
        @Range("1s to 168h")
        @DefaultValue("24h")
        Duration giveUpAfter,
    @Setting("Requests that one receiver may have at once.") @Range("1 to 1000") @DefaultValue("16")
        int maxInFlight,
    @Setting(
            "Sessions of one receiver whose events are not all delivered; those that begin beyond"
                + " it are not told.")
        @Range("1 to 1000000")
        @DefaultValue("20000")
        int maxPending,
    @Setting("Dead letters kept for one receiver; the oldest goes first.")
        @Range("1 to 100000")
        @DefaultValue("1000")
        int maxDeadLetters) {

  /** A receiver. */
  @SettingsGroup("linescribe.webhooks.endpoints")
  record Endpoint(
      @DefaultValue("") String name,
      @DefaultValue("") String url,
      @DefaultValue("") String secret,
      @DefaultValue Set<String> events,
      @DefaultValue Set<String> owners) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern OWNER = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final String SECRET_PREFIX = "whsec_";
    private static final int MIN_SECRET_BYTES = 24;
    private static final int MAX_SECRET_BYTES = 64;

    Endpoint {
      SettingsCheck.require(
          NAME.matcher(name).matches(),
          "linescribe.webhooks.endpoints.name",
          "'" + name + "'",
          "1 to 64 of A-Z a-z 0-9 _ -");
      SettingsCheck.require(
          SettingsCheck.isHttpUrl(url),
          "linescribe.webhooks.endpoints.url",
          "of " + name,
          "https://HOST[:PORT][/PATH] or http://…, without user and fragment");
      SettingsCheck.require(
          isSecret(secret),
          "linescribe.webhooks.endpoints.secret",
          "of " + name + ", " + secret.length() + " characters",
          "whsec_ and 24 to 64 bytes in base64, as echo whsec_$(openssl rand -base64 32) makes it");
      for (String event : events) {
        SettingsCheck.require(
            WebhookEvent.isName(event),
            "linescribe.webhooks.endpoints.events",
            "'" + event + "' of " + name,
            "some of " + WebhookEvent.names());
      }
      for (String owner : owners) {
        SettingsCheck.require(
            OWNER.matcher(owner).matches(),
            "linescribe.webhooks.endpoints.owners",
            "'" + owner + "' of " + name,
            "names of API keys or trunks, 1 to 64 of A-Z a-z 0-9 . _ -");
      }
      events = Set.copyOf(events);
      owners = Set.copyOf(owners);
    }

    /** The name of the receivers that sessions choose for themselves. */
    static final String OF_SESSION = "session";

    /** Whether a text is a signing secret of sufficient length. */
    static boolean isSecret(String text) {
      int bytes = bytes(text);
      return bytes >= MIN_SECRET_BYTES && bytes <= MAX_SECRET_BYTES;
    }

    private static int bytes(String secret) {
      try {
        return secret.startsWith(SECRET_PREFIX)
            ? Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length())).length
            : 0;
      } catch (IllegalArgumentException noBase64) {
        return 0;
      }
    }

    byte[] key() {
      return Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length()));
    }

    boolean wants(WebhookEvent event) {
      return events.isEmpty() || events.contains(event.wireName());
    }

    /** Whether it is told of sessions of this owner. */
    boolean wants(Optional<String> owner) {
      return owners.isEmpty() || owner.filter(owners::contains).isPresent();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  WebhookSettings {
    SettingsCheck.ranges(
        WebhookSettings.class,
        timeout,
        firstRetry,
        lastRetry,
        giveUpAfter,
        maxInFlight,
        maxPending,
        maxDeadLetters);
    endpoints = List.copyOf(endpoints);
    Set<String> names = new HashSet<>();
    for (Endpoint endpoint : endpoints) {
      SettingsCheck.require(
          names.add(endpoint.name()),
          "linescribe.webhooks.endpoints",
          "'" + endpoint.name() + "'",
          "each name once");
      SettingsCheck.require(
          !endpoint.name().equals(Endpoint.OF_SESSION),
          "linescribe.webhooks.endpoints.name",
          "'" + endpoint.name() + "'",
          "another name, as receivers that a session chooses have this one");
      SettingsCheck.require(
          allowPrivate || PublicAddresses.mayBePublic(URI.create(endpoint.url()).getHost()),
          "linescribe.webhooks.endpoints.url",
          "of " + endpoint.name() + ", an address that is not public",
          "a public one, or linescribe.webhooks.allow-private=true");
    }
  }
}
