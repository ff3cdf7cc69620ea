package org.linescribe.gateway.sdp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Parses an untrusted session description, bounded in size, lines and streams. Lines of types that
 * a call does not need are checked for their form only; unknown attributes are kept.
 *
 * <p>JAIN's {@code javax.sdp} was rejected: it does not keep the order of lines, has no bounds, and
 * its raw vectors would need conversion.
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
  private @Nullable MediaBuilder open;

  /** The media description that is being parsed. */
  private static final class MediaBuilder {
    final String kind;
    final int port;
    final String protocol;
    final List<String> formats;
    Optional<String> connection = Optional.empty();
    final List<Attribute> attributes = new ArrayList<>();

    MediaBuilder(String kind, int port, String protocol, List<String> formats) {
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
    int length = text.length;
    // Some telephones pad the body with NUL bytes and count them in Content-Length.
    while (length > 0
        && (text[length - 1] == 0 || text[length - 1] == '\n' || text[length - 1] == '\r')) {
      length--;
    }
    return new SdpParser().read(new String(text, 0, length, StandardCharsets.UTF_8));
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
        // v o s i u e p b t r z k do not affect a call.
      }
    }
  }

  private void media(String value, int number) throws SdpException {
    close();
    if (media.size() == MAX_MEDIA) {
      throw new SdpException("more than " + MAX_MEDIA + " m-lines");
    }
    String[] fields = value.strip().split("\\s+", MAX_FORMATS + 4);
    if (fields.length < 4 || fields.length > MAX_FORMATS + 3) {
      throw new SdpException("line " + number + ": m= has " + fields.length + " fields");
    }
    // The optional number of ports has no meaning for unicast RTP.
    String port = fields[1].split("/", 2)[0];
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
      throw new SdpException("line " + number + ": m= has no port");
    }
    open =
        new MediaBuilder(
            fields[0],
            Integer.parseInt(port),
            fields[2],
            List.of(fields).subList(3, fields.length));
  }

  private void close() {
    if (open != null) {
      media.add(open.done());
      open = null;
    }
  }

  private static String address(String value, int number) throws SdpException {
    String[] fields = value.strip().split("\\s+");
    if (fields.length != 3
        || !fields[0].equalsIgnoreCase("IN")
        || !(fields[1].equalsIgnoreCase("IP4") || fields[1].equalsIgnoreCase("IP6"))) {
      throw new SdpException("line " + number + ": c= is not of the form IN IP4 address");
    }
    // Multicast addresses carry a TTL behind a slash.
    String address = fields[2].split("/", 2)[0];
    if (address.isEmpty() || address.length() > 253 || !address.matches("[A-Za-z0-9.:_-]+")) {
      throw new SdpException("line " + number + ": c= has no address");
    }
    return address;
  }
}
