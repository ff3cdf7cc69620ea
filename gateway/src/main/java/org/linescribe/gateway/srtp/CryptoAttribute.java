package org.linescribe.gateway.srtp;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The value of an {@code a=crypto} line: a tag, a suite and one master key.
 *
 * <p>Lines that ask for what we do not have (several master keys, a key derivation rate, FEC order,
 * unencrypted or unauthenticated streams) are not understood, and the stream's next line is tried.
 * A lifetime is ignored: 2^31 packets are a year and more of a call.
 *
 * <p>Thread: any; immutable. Source: RFC 4568 §9.1.
 */
public final class CryptoAttribute {
  private final String tag;
  private final SrtpKey key;

  private CryptoAttribute(String tag, SrtpKey key) {
    this.tag = tag;
    this.key = key;
  }

  /** One of ours, with a new key. */
  public static CryptoAttribute create(String tag, SrtpSuite suite) {
    return new CryptoAttribute(tag, SrtpKey.random(suite));
  }

  /** Ours, one for each suite, for an offer. */
  public static List<CryptoAttribute> offer() {
    List<CryptoAttribute> lines = new ArrayList<>();
    for (SrtpSuite suite : SrtpSuite.values()) {
      lines.add(create(Integer.toString(lines.size() + 1), suite));
    }
    return lines;
  }

  /**
   * @param value behind {@code a=crypto:}
   * @return empty when it is malformed or not supported
   */
  public static Optional<CryptoAttribute> parse(String value) {
    String[] fields = value.strip().split("\\s+");
    if (fields.length < 3 || !fields[0].matches("\\d{1,9}")) {
      return Optional.empty();
    }
    for (int i = 3; i < fields.length; i++) {
      if (!fields[i].startsWith("WSH=")) {
        return Optional.empty();
      }
    }
    return SrtpSuite.of(fields[1])
        .flatMap(suite -> key(suite, fields[2]))
        .map(key -> new CryptoAttribute(fields[0], key));
  }

  private static Optional<SrtpKey> key(SrtpSuite suite, String parameters) {
    if (!parameters.startsWith("inline:") || parameters.contains(";")) {
      return Optional.empty();
    }
    String[] parts = parameters.substring("inline:".length()).split("\\|", -1);
    for (int i = 1; i < parts.length; i++) {
      boolean isLifetime = parts[i].matches("2\\^\\d{1,2}|\\d{1,15}");
      // A master key identifier is for several keys, of which we know one at a time.
      if (!isLifetime) {
        return Optional.empty();
      }
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(parts[0]);
      return bytes.length == suite.keyBytes() + suite.saltBytes()
          ? Optional.of(new SrtpKey(suite, bytes))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  public String tag() {
    return tag;
  }

  public SrtpKey key() {
    return key;
  }

  /** The line's value, with the key. */
  public String value() {
    return "%s %s inline:%s"
        .formatted(tag, key.suite().name(), Base64.getEncoder().encodeToString(key.keyAndSalt()));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return tag + " " + key;
  }
}
