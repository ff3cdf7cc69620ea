package org.linescribe.gateway.sdp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a session description from a stranger: bounded in size, lines and streams. Lines of types
 * that calls do not need are checked for their form and passed over; unknown attributes are kept.
 *
 * <p>Ours rather than JAIN's {@code javax.sdp}: that one keeps order badly, knows no bounds, and
 * its vectors of raw types would be converted here anyhow.
 *
 * <p>Thread: any. Source: RFC 8866 §5, §9.
 */
public final class SdpParser {
  static final int MAX_BYTES = 32 * 1024;
  static final int MAX_LINES = 1000;
  static final int MAX_MEDIA = 32;
  static final int MAX_FORMATS = 64;

  private Optional<String> connection = Optional.empty();
  private final List<Attribute> attributes = new ArrayList<>();
  private final List<MediaDescription> media = new ArrayList<>();
  private @Nullable Stream open;

  /** The m-line that is being read. */
  private static final class Stream {
    final String kind;
    final int port;
    final String protocol;
    final List<String> formats;
    Optional<String> connection = Optional.empty();
    final List<Attribute> attributes = new ArrayList<>();

    Stream(String kind, int port, String protocol, List<String> formats) {
      this.kind = kind;
      this.port = port;
      this.protocol = protocol;
      this.formats = formats;
    }

    MediaDescription done() {
      return new MediaDescription(kind, port, protocol, formats, connection, attributes);
    }
  }

  private SdpParser() {}

  public static SessionDescription parse(byte[] text) throws SdpException {
    if (text.length > MAX_BYTES) {
      throw new SdpException(text.length + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    return new SdpParser().read(new String(text, StandardCharsets.UTF_8));
  }

  private SessionDescription read(String text) throws SdpException {
    String[] lines = text.split("\r\n|\n|\r", MAX_LINES + 2);
    if (lines.length > MAX_LINES + 1) {
      throw new SdpException("more than " + MAX_LINES + " lines");
    }
    int number = 0;
    for (String line : lines) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      if (line.length() < 2
          || line.charAt(1) != '='
          || line.charAt(0) < 'a'
          || line.charAt(0) > 'z') {
        throw new SdpException("line " + number + " is not of the form x=");
      }
      if (number == 1 && !line.stripTrailing().equals("v=0")) {
        throw new SdpException("line 1 is not v=0");
      }
      line(line.charAt(0), line.substring(2), number);
    }
    if (number == 0 || text.isBlank() || lines[0].isBlank()) {
      throw new SdpException("no v=0");
    }
    close();
    return new SessionDescription(connection, attributes, media);
  }

  private void line(char type, String value, int number) throws SdpException {
    switch (type) {
      case 'c' -> {
        Optional<String> address = Optional.of(address(value, number));
        if (open == null) {
          connection = address;
        } else {
          open.connection = address;
        }
      }
      case 'a' -> {
        int colon = value.indexOf(':');
        Attribute attribute =
            colon < 0
                ? new Attribute(value.strip(), "")
                : new Attribute(
                    value.substring(0, colon).strip(), value.substring(colon + 1).strip());
        (open == null ? attributes : open.attributes).add(attribute);
      }
      case 'm' -> media(value, number);
      default -> {
        // v o s i u e p b t r z k: nothing that a call depends on.
      }
    }
  }

  private void media(String value, int number) throws SdpException {
    close();
    if (media.size() == MAX_MEDIA) {
      throw new SdpException("more than " + MAX_MEDIA + " m-lines");
    }
    String[] parts = value.strip().split("\\s+", MAX_FORMATS + 4);
    if (parts.length < 4 || parts.length > MAX_FORMATS + 3) {
      throw new SdpException("line " + number + ": m= has " + parts.length + " fields");
    }
    // A port may be followed by a number of ports, which RTP does not use between two parties.
    String port = parts[1].split("/", 2)[0];
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
      throw new SdpException("line " + number + ": m= has no port");
    }
    open =
        new Stream(
            parts[0], Integer.parseInt(port), parts[2], List.of(parts).subList(3, parts.length));
  }

  private void close() {
    if (open != null) {
      media.add(open.done());
      open = null;
    }
  }

  private static String address(String value, int number) throws SdpException {
    String[] parts = value.strip().split("\\s+");
    if (parts.length != 3
        || !parts[0].equalsIgnoreCase("IN")
        || !(parts[1].equalsIgnoreCase("IP4") || parts[1].equalsIgnoreCase("IP6"))) {
      throw new SdpException("line " + number + ": c= is not of the form IN IP4 address");
    }
    // Multicast addresses carry a TTL behind a slash.
    String address = parts[2].split("/", 2)[0];
    if (address.isEmpty() || address.length() > 253 || !address.matches("[A-Za-z0-9.:_-]+")) {
      throw new SdpException("line " + number + ": c= has no address");
    }
    return address;
  }
}
