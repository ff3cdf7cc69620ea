package org.linescribe.gateway.sip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a request that cannot be parsed, made of the lines that every response must return
 * (Via, From, To, Call-ID, CSeq). Nothing else of the request goes back, so that a forged sender
 * gets no more than was sent in his name; and nothing at all when one of the lines is missing: the
 * sender could not match it.
 *
 * <p>Source: RFC 3261 §8.2.6.2; RFC 4475 §3.3.1.
 */
final class RawReply {
  private static final Pattern HAS_TAG = Pattern.compile("(?i);\\s*tag\\s*=");

  private RawReply() {}

  /**
   * @param host the sender, for {@code received} of the top Via
   * @param port the sender's, for {@code rport} where the Via asks for it
   * @return null when no answer can or may be made
   */
  static byte @Nullable [] to(HeadLines request, int status, String reason, String host, int port) {
    List<String> vias = new ArrayList<>(request.values("via"));
    List<String> from = request.values("from");
    List<String> to = request.values("to");
    List<String> callId = request.values("call-id");
    List<String> cseq = request.values("cseq");
    if (!request.isAnswerable()
        || vias.isEmpty()
        || from.isEmpty()
        || to.isEmpty()
        || callId.isEmpty()
        || cseq.isEmpty()) {
      return null;
    }
    StringBuilder reply = new StringBuilder("SIP/2.0 " + status + " " + reason + "\r\n");
    vias.set(0, withSource(vias.getFirst(), host, port));
    vias.forEach(via -> reply.append("Via: ").append(via).append("\r\n"));
    reply.append("From: ").append(from.getFirst()).append("\r\n");
    reply.append("To: ").append(to.getFirst());
    if (!HAS_TAG.matcher(to.getFirst()).find()) {
      reply.append(";tag=").append(Integer.toHexString(callId.getFirst().hashCode()));
    }
    reply.append("\r\nCall-ID: ").append(callId.getFirst());
    reply.append("\r\nCSeq: ").append(cseq.getFirst());
    reply.append("\r\nContent-Length: 0\r\n\r\n");
    return reply.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String withSource(String via, String host, int port) {
    String value = via.replaceFirst("(?i);\\s*rport(?![=\\w])", ";rport=" + port);
    return value.contains(";received=") ? value : value + ";received=" + host;
  }
}
