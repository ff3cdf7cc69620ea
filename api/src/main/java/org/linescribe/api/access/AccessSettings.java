package org.linescribe.api.access;

import static org.linescribe.api.ApiSettings.require;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code linescribe.access.*}.
 *
 * @param mode {@code off}, {@code required}, or {@code auto}: off while HTTP listens on a loopback
 *     address only and no key is configured, required otherwise
 * @param keys who may call
 * @param requestsPerSecond of one key in the long run, 1 to 100,000; beyond it 429
 * @param burst requests that a key which was quiet may make at once, 1 to 1,000,000
 * @param maxOpen WebSockets, event streams and other requests that one key may have open at once, 1
 *     to 1,000,000; beyond it 1013 or 429
 * @param allowedOrigins pages of other hosts that a browser may call from, "https://host[:port]",
 *     or "*" for any; none by default
 * @param hosts names by which the gateway may be called while it listens on a loopback address and
 *     asks for no key, besides that address and {@code localhost}: without a port, or "*" for any;
 *     none by default
 * @param openMetrics whether {@code /metrics} is served without a key
 */
@ConfigurationProperties(value = "linescribe.access", ignoreUnknownFields = false)
record AccessSettings(
    @DefaultValue("auto") String mode,
    @DefaultValue List<Key> keys,
    @DefaultValue("100") int requestsPerSecond,
    @DefaultValue("200") int burst,
    @DefaultValue("1000") int maxOpen,
    @DefaultValue List<String> allowedOrigins,
    @DefaultValue List<String> hosts,
    @DefaultValue("false") boolean openMetrics) {
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
   */
  record Key(
      @DefaultValue("") String name,
      @DefaultValue("") String sha256,
      @Nullable Integer requestsPerSecond,
      @Nullable Integer burst,
      @Nullable Integer maxOpen) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    Key {
      sha256 = sha256.toLowerCase(Locale.ROOT);
      require(
          NAME.matcher(name).matches(),
          "linescribe.access.keys.name",
          "'" + name + "'",
          "1 to 64 of A-Z a-z 0-9 . _ -");
      // Not shown: where a hash should be somebody may have put the key.
      require(
          SHA256.matcher(sha256).matches(),
          "linescribe.access.keys.sha256",
          "of " + name + ", " + sha256.length() + " characters",
          "64 hexadecimal digits, as linescribe keys new prints them");
      requireLimits(
          requestsPerSecond == null ? 1 : requestsPerSecond,
          burst == null ? 1 : burst,
          maxOpen == null ? 1 : maxOpen,
          "linescribe.access.keys.");
    }
  }

  /** A name as DNS has it, or an address as a URL has it. */
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})|\\[[0-9A-Fa-f:.]{2,45}]|\\*");

  AccessSettings {
    keys = List.copyOf(keys);
    hosts = List.copyOf(hosts);
    allowedOrigins = List.copyOf(allowedOrigins);
    requireMode(mode);
    requireLimits(requestsPerSecond, burst, maxOpen, "linescribe.access.");
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    for (Key key : keys) {
      require(
          names.add(key.name()) && hashes.add(key.sha256()),
          "linescribe.access.keys",
          "'" + key.name() + "'",
          "each name and each key once");
    }
    for (String origin : allowedOrigins) {
      require(
          isOrigin(origin),
          "linescribe.access.allowed-origins",
          "'" + origin + "'",
          "scheme://host[:port] without a path, or *");
    }
    for (String host : hosts) {
      require(
          HOST.matcher(host).matches(),
          "linescribe.access.hosts",
          "'" + host + "'",
          "a host's name without scheme and port, or *");
    }
  }

  private static void requireLimits(int requestsPerSecond, int burst, int maxOpen, String prefix) {
    require(
        requestsPerSecond >= 1 && requestsPerSecond <= 100_000,
        prefix + "requests-per-second",
        requestsPerSecond,
        "1 to 100000");
    require(burst >= 1 && burst <= 1_000_000, prefix + "burst", burst, "1 to 1000000");
    require(maxOpen >= 1 && maxOpen <= 1_000_000, prefix + "max-open", maxOpen, "1 to 1000000");
  }

  private static void requireMode(String mode) {
    require(
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
