package org.linescribe.gateway.sip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The start line and the unfolded raw header lines of a message, for the checks that precede
 * parsing. Source: RFC 3261 §7.3.1.
 */
final class MessageHead {
  /** Content-Length is not a number, negative, or given twice with different values. */
  static final long BAD_LENGTH = -1;

  private static final int MAX_LINES = 256;

  /** As many hops as Max-Forwards allows: no list header of a real message is longer. */
  private static final int MAX_VALUES = 70;

  private final String startLine;
  private final List<Header> headers;
  private final boolean tooMany;

  private record Header(String name, String value) {}

  private MessageHead(String startLine, List<Header> headers, boolean tooMany) {
    this.startLine = startLine;
    this.headers = headers;
    this.tooMany = tooMany;
  }

  /** A hash of the Call-ID, found without parsing: 0 when there is none. */
  static int callIdHash(byte[] message) {
    int hash = 0;
    for (int i = 0; i + 2 < message.length; i++) {
      if (message[i] != '\n') {
        continue;
      }
      int length = isName(message, i + 1, "call-id") ? 7 : isName(message, i + 1, "i") ? 1 : 0;
      if (length > 0) {
        for (int at = i + 1 + length; at < message.length && message[at] >= ' '; at++) {
          if (message[at] != ' ' && message[at] != ':') {
            hash = 31 * hash + message[at];
          }
        }
        return hash;
      }
    }
    return hash;
  }

  private static boolean isName(byte[] message, int from, String name) {
    if (from + name.length() >= message.length) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (Character.toLowerCase(message[from + i]) != name.charAt(i)) {
        return false;
      }
    }
    byte next = message[from + name.length()];
    return next == ':' || next == ' ' || next == '\t';
  }

  /** Parses up to the empty line or the end. */
  static MessageHead of(byte[] message, int length) {
    return of(new String(message, 0, length, StandardCharsets.UTF_8));
  }

  static MessageHead of(String text) {
    List<StringBuilder> lines = new ArrayList<>();
    int at = 0;
    while (at < text.length() && lines.size() <= MAX_LINES) {
      int end = text.indexOf('\n', at);
      end = end < 0 ? text.length() : end;
      int trimmed = end > at && text.charAt(end - 1) == '\r' ? end - 1 : end;
      if (trimmed == at) {
        break;
      }
      String line = text.substring(at, trimmed).replace('\r', ' ');
      if ((line.charAt(0) == ' ' || line.charAt(0) == '\t') && !lines.isEmpty()) {
        lines.getLast().append(' ').append(line.strip());
      } else {
        lines.add(new StringBuilder(line));
      }
      at = end + 1;
    }
    List<Header> headers = new ArrayList<>();
    for (StringBuilder folded : lines.subList(Math.min(1, lines.size()), lines.size())) {
      String line = folded.toString();
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        headers.add(new Header(longName(name), line.substring(colon + 1).strip()));
      }
    }
    return new MessageHead(
        lines.isEmpty() ? "" : lines.getFirst().toString(), headers, lines.size() > MAX_LINES);
  }

  private static String longName(String name) {
    return switch (name) {
      case "v" -> "via";
      case "f" -> "from";
      case "t" -> "to";
      case "i" -> "call-id";
      case "l" -> "content-length";
      case "c" -> "content-type";
      case "m" -> "contact";
      case "k" -> "supported";
      case "s" -> "subject";
      default -> name;
    };
  }

  String startLine() {
    return startLine;
  }

  /** Whether an invalid message gets a response: a SIP request other than ACK. */
  boolean isAnswerable() {
    return !startLine.startsWith("SIP/")
        && !startLine.startsWith("ACK ")
        && startLine.contains("SIP/");
  }

  /** The defect of the head, as a reason phrase. */
  Optional<String> defect() {
    if (tooMany) {
      return Optional.of("more than " + MAX_LINES + " header lines");
    }
    Set<String> seen = new HashSet<>();
    for (Header header : headers) {
      switch (header.name()) {
        case "from", "to", "call-id", "cseq", "max-forwards" -> {
          if (!seen.add(header.name())) {
            return Optional.of("more than one " + header.name());
          }
        }
        default -> {}
      }
    }
    Map<String, Integer> valuesByName = new HashMap<>();
    for (Header header : headers) {
      if (valuesByName.merge(header.name(), valueCount(header), Integer::sum) > MAX_VALUES) {
        return Optional.of("more than " + MAX_VALUES + " values of one header");
      }
    }
    return contentLength() == BAD_LENGTH
        ? Optional.of("Content-Length is not one number")
        : Optional.empty();
  }

  /** Values by the commas outside quotes: the parser's cost grows with their square. */
  private static int valueCount(Header header) {
    int count = 1;
    boolean isQuoted = false;
    for (int i = 0; i < header.value().length(); i++) {
      char c = header.value().charAt(i);
      if (c == '"') {
        isQuoted = !isQuoted;
      } else if (c == ',' && !isQuoted) {
        count++;
      }
    }
    return header.name().equals("subject") ? 1 : count;
  }

  List<String> values(String name) {
    return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).toList();
  }

  /**
   * The body's claimed length: 0 when there is no header, {@link #BAD_LENGTH}, and at most {@link
   * Integer#MAX_VALUE}. Source: RFC 3261 §20.14; RFC 4475 §3.1.2.2, §3.1.2.3, §3.3.9.
   */
  long contentLength() {
    List<String> values = values("content-length");
    long length = values.isEmpty() ? 0 : number(values.getFirst());
    for (String value : values) {
      if (number(value) != length) {
        return BAD_LENGTH;
      }
    }
    return length;
  }

  private static long number(String text) {
    if (text.isEmpty() || text.length() > 64) {
      return BAD_LENGTH;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return BAD_LENGTH;
      }
      value = Math.min(Integer.MAX_VALUE, value * 10 + digit);
    }
    return value;
  }
}
