package org.linescribe.gateway.sip;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A setting that names a peer of ours: {@code sip:HOST[:PORT][;transport=…]}. */
public final class PeerUri {
  /** For messages. */
  public static final String FORM = "sip:HOST[:PORT][;transport=tcp]";

  private static final Pattern URI =
      Pattern.compile(
          "sip:([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?(;transport=\\w+)?");

  private PeerUri() {}

  /** The host of such a URI; empty where it is none. */
  public static Optional<String> host(String text) {
    Matcher uri = URI.matcher(text);
    return uri.matches() ? Optional.of(uri.group(1)) : Optional.empty();
  }
}
