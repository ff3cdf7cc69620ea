package org.linescribe.gateway.sip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The start line and the headers of a message as raw lines, unfolded: what must be known before a
 * message may be parsed. Source: RFC 3261 §7.3.1.
 */
final class HeadLines {
  /** A Content-Length that is not a number, is negative, or two that differ. */
  static final long BAD_LENGTH = -1;

  private static final int MAX_LINES = 256;

  private final String startLine;
  private final List<Header> headers;
  private final boolean tooMany;

  private record Header(String name, String value) {}

  private HeadLines(String startLine, List<Header> headers, boolean tooMany) {
    this.startLine = startLine;
    this.headers = headers;
    this.tooMany = tooMany;
  }

  /** Reads up to the empty line or the end. */
  static HeadLines of(byte[] message, int length) {
    return of(new String(message, 0, length, StandardCharsets.UTF_8));
  }

  static HeadLines of(String text) {
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
    return new HeadLines(
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
      default -> name;
    };
  }

  String startLine() {
    return startLine;
  }

  /** A request that is answered when it is wrong: not a response, not an ACK, and SIP at all. */
  boolean isAnswerable() {
    return !startLine.startsWith("SIP/")
        && !startLine.startsWith("ACK ")
        && startLine.contains("SIP/");
  }

  /** What is wrong with the head as such, in words for a reason phrase. */
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
    return contentLength() == BAD_LENGTH
        ? Optional.of("Content-Length is not one number")
        : Optional.empty();
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
