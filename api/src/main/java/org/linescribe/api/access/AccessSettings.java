package org.linescribe.api.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Who may call over HTTP and WebSocket. */
@ConfigurationProperties(value = "linescribe.access", ignoreUnknownFields = false)
@SettingsGroup("linescribe.access")
record AccessSettings(
    @Setting(
            "auto: no key is asked for while linescribe.http is a loopback address and no key is"
                + " configured, else one is. required: always. off: never; for networks where"
                + " something else keeps strangers out.")
        @DefaultValue("auto")
        String mode,
    @Setting(
            "Keys by their hashes; linescribe keys new makes one. Each: name, sha256, and, where"
                + " the key's limits differ from the ones below, requests-per-second, burst,"
                + " max-open; scopes: of read (transcripts, documents), send (audio), webhook (a"
                + " session's own receiver) and admin (metrics; and it sees everybody's sessions),"
                + " all of them where none is named. A key without admin sees the sessions that it"
                + " opened, and those of the trunk of its name.")
        @DefaultValue
        List<Key> keys,
    @Setting("Requests of one key in the long run; more get 429.")
        @Range("1 to 100000")
        @DefaultValue("100")
        int requestsPerSecond,
    @Setting("Requests of one key at once after a quiet time; more get 429.")
        @Range("1 to 1000000")
        @DefaultValue("200")
        int burst,
    @Setting(
            "WebSockets, event streams and other requests that one key may have open at once; more"
                + " get 1013 or 429.")
        @Range("1 to 1000000")
        @DefaultValue("1000")
        int maxOpen,
    @Setting(
            "Web pages of other hosts that a browser may call from: https://host[:port], or * for"
                + " any. While HTTP listens on a loopback address only, pages of this machine"
                + " (loopback origins, and files, whose origin is null) may call without being"
                + " listed.")
        @DefaultValue
        List<String> allowedOrigins,
    @Setting(
            "While no key is asked for and HTTP listens on a loopback address: names by which this"
                + " gateway may be called besides that address and localhost, without a port (a"
                + " proxy's, an entry of /etc/hosts), or * for any. A request by another name gets"
                + " 403, as it may be a web page's that has made its own name resolve to this"
                + " address (DNS rebinding).")
        @DefaultValue
        List<String> hosts,
    @Setting("Whether /metrics is served without a key. /health/live and /health/ready always are.")
        @DefaultValue("false")
        boolean openMetrics) {
  /** When a key is asked for. */
  enum Mode {
    AUTO,
    OFF,
    REQUIRED
  }

  /**
   * One key, by its hash.
   *
   * @param name 1 to 64 of A-Z a-z 0-9 . _ -, for logs and metrics
   * @param sha256 of the key's text, 64 hexadecimal digits; {@code linescribe keys new} prints it
   * @param requestsPerSecond this key's own; the general one when absent
   * @param burst this key's own; the general one when absent
   * @param maxOpen this key's own; the general one when absent
   * @param scopes what it may do; everything when empty
   */
  @SettingsGroup("linescribe.access.keys")
  record Key(
      @DefaultValue("") String name,
      @DefaultValue("") String sha256,
      @Setting("This key's own.") @Range("1 to 100000") @Nullable Integer requestsPerSecond,
      @Setting("This key's own.") @Range("1 to 1000000") @Nullable Integer burst,
      @Setting("This key's own.") @Range("1 to 1000000") @Nullable Integer maxOpen,
      @DefaultValue Set<Scope> scopes) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** Whether a text may be a key's name. */
    static boolean isName(String text) {
      return NAME.matcher(text).matches();
    }

    Key {
      sha256 = sha256.toLowerCase(Locale.ROOT);
      SettingsCheck.require(
          isName(name),
          "linescribe.access.keys.name",
          "'" + name + "'",
          "1 to 64 of A-Z a-z 0-9 . _ -");
      // Not shown: where a hash should be somebody may have put the key.
      SettingsCheck.require(
          SHA256.matcher(sha256).matches(),
          "linescribe.access.keys.sha256",
          "of " + name + ", " + sha256.length() + " characters",
          "64 hexadecimal digits, as linescribe keys new prints them");
      SettingsCheck.ranges(Key.class, requestsPerSecond, burst, maxOpen);
      scopes = scopes.isEmpty() ? Set.of(Scope.values()) : Set.copyOf(scopes);
    }
  }

  /** A name as DNS has it, or an address as a URL has it. */
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})|\\[[0-9A-Fa-f:.]{2,45}]|\\*");

  AccessSettings {
    SettingsCheck.ranges(AccessSettings.class, requestsPerSecond, burst, maxOpen);
    keys = List.copyOf(keys);
    hosts = List.copyOf(hosts);
    allowedOrigins = List.copyOf(allowedOrigins);
    requireMode(mode);
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    for (Key key : keys) {
      SettingsCheck.require(
          names.add(key.name()) && hashes.add(key.sha256()),
          "linescribe.access.keys",
          "'" + key.name() + "'",
          "each name and each key once");
    }
    for (String origin : allowedOrigins) {
      SettingsCheck.require(
          isOrigin(origin),
          "linescribe.access.allowed-origins",
          "'" + origin + "'",
          "scheme://host[:port] without a path, or *");
    }
    for (String host : hosts) {
      SettingsCheck.require(
          HOST.matcher(host).matches(),
          "linescribe.access.hosts",
          "'" + host + "'",
          "a host's name without scheme and port, or *");
    }
  }

  private static void requireMode(String mode) {
    SettingsCheck.require(
        Set.of("auto", "off", "false", "required").contains(mode.toLowerCase(Locale.ROOT)),
        "linescribe.access.mode",
        "'" + mode + "'",
        "auto, off or required");
  }

  private static boolean isOrigin(String origin) {
    if (origin.equals("*")) {
      return true;
    }
    try {
      URI uri = new URI(origin);
      return uri.getScheme() != null
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getRawPath().isEmpty()
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null;
    } catch (URISyntaxException notOne) {
      return false;
    }
  }

  Mode asked() {
    return switch (mode.toLowerCase(Locale.ROOT)) {
      case "required" -> Mode.REQUIRED;
      // YAML takes a bare off for the truth value.
      case "off", "false" -> Mode.OFF;
      default -> Mode.AUTO;
    };
  }
}
