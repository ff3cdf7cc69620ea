package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sip.header.ContentTypeHeader;

/**
 * What a request brings: a session description, recording metadata, both in a multipart body, or
 * nothing.
 *
 * <p>The stack's own multipart parser is not used: it reads a body as text of the platform's
 * charset and loses parts whose Content-Type it cannot parse, which BroadWorks sends ({@code
 * application/ +xml}).
 *
 * <p>Thread: any. Source: RFC 2046 §5.1, RFC 5621, RFC 7866 §9.
 *
 * @param sdp empty if none
 * @param recordingMetadata of a SIPREC client, empty if none
 */
record SipBody(byte[] sdp, byte[] recordingMetadata) {
  private static final byte[] NOTHING = {};
  private static final int MAX_PARTS = 16;
  private static final int MAX_HEADER_BYTES = 2048;
  private static final int MAX_BOUNDARY_CHARACTERS = 70;

  private record Part(String type, String disposition, byte[] content) {}

  static SipBody of(SIPMessage message) {
    byte[] body = message.getRawContent();
    ContentTypeHeader header = message.getContentTypeHeader();
    if (body == null || body.length == 0 || header == null) {
      return new SipBody(NOTHING, NOTHING);
    }
    if (!header.getContentType().equalsIgnoreCase("multipart")) {
      String type = header.getContentType() + "/" + header.getContentSubType();
      return of(List.of(new Part(type.toLowerCase(Locale.ROOT), "", body)));
    }
    String boundary = header.getParameter("boundary");
    return of(boundary == null ? List.of() : parts(body, boundary));
  }

  /** Parts of a multipart body whose boundary is known. */
  static SipBody ofMultipart(byte[] body, String boundary) {
    return of(parts(body, boundary));
  }

  private static SipBody of(List<Part> parts) {
    byte[] sdp = NOTHING;
    byte[] metadata = NOTHING;
    for (Part part : parts) {
      boolean isSdp = part.type().equals("application/sdp");
      boolean isMetadata =
          part.type().equals("application/rs-metadata+xml")
              || part.type().equals("application/rs-metadata")
              || part.disposition().equals("recording-session");
      if (isSdp && sdp.length == 0) {
        sdp = part.content();
      } else if (isMetadata && !isSdp && metadata.length == 0) {
        metadata = part.content();
      }
    }
    return new SipBody(sdp, metadata);
  }

  boolean isEmpty() {
    return sdp.length == 0 && recordingMetadata.length == 0;
  }

  private static List<Part> parts(byte[] body, String boundaryParameter) {
    String boundary = boundaryParameter.replaceAll("^\"|\"$", "");
    List<Part> parts = new ArrayList<>();
    if (boundary.isEmpty() || boundary.length() > MAX_BOUNDARY_CHARACTERS) {
      return parts;
    }
    byte[] delimiter = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    int start = -1;
    int line = 0;
    while (line < body.length && parts.size() < MAX_PARTS) {
      int next = nextLine(body, line);
      if (startsWith(body, line, delimiter)) {
        if (start >= 0) {
          parts.add(part(body, start, line));
        }
        start = next;
        if (startsWith(body, line + delimiter.length, new byte[] {'-', '-'})) {
          return parts;
        }
      }
      line = next;
    }
    // CUBE, SEMS and Ribbon leave the closing delimiter out.
    if (start >= 0 && parts.size() < MAX_PARTS) {
      parts.add(part(body, start, body.length));
    }
    return parts;
  }

  private static Part part(byte[] body, int start, int end) {
    String type = "";
    String disposition = "";
    int line = start;
    while (line < end && line - start < MAX_HEADER_BYTES) {
      int next = Math.min(end, nextLine(body, line));
      String header = new String(body, line, next - line, StandardCharsets.ISO_8859_1).strip();
      line = next;
      if (header.isEmpty()) {
        break;
      }
      int colon = header.indexOf(':');
      String value = header.substring(colon + 1).split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
      switch (header.substring(0, Math.max(0, colon)).strip().toLowerCase(Locale.ROOT)) {
        case "content-type", "c" -> type = value;
        case "content-disposition" -> disposition = value;
        default -> {
          // Other headers change nothing here.
        }
      }
    }
    // The line end before the delimiter belongs to the delimiter.
    int contentEnd = end;
    if (contentEnd > line && body[contentEnd - 1] == '\n') {
      contentEnd--;
    }
    if (contentEnd > line && body[contentEnd - 1] == '\r') {
      contentEnd--;
    }
    byte[] content = new byte[Math.max(0, contentEnd - line)];
    System.arraycopy(body, line, content, 0, content.length);
    return new Part(type, disposition, content);
  }

  private static int nextLine(byte[] body, int from) {
    int at = from;
    while (at < body.length && body[at] != '\n') {
      at++;
    }
    return Math.min(body.length, at + 1);
  }

  private static boolean startsWith(byte[] body, int at, byte[] prefix) {
    if (at + prefix.length > body.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (body[at + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
