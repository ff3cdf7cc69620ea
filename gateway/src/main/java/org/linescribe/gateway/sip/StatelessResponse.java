package org.linescribe.gateway.sip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The response to a request that cannot be parsed, built from the header lines that every response
 * must copy (Via, From, To, Call-ID, CSeq). Nothing else is returned, so that a spoofed source
 * address receives no amplified traffic; no response is sent when one of the lines is missing,
 * because the sender could not match it.
 *
 * <p>Source: RFC 3261 §8.2.6.2; RFC 4475 §3.3.1.
 */
final class StatelessResponse {
  private static final Pattern HAS_TAG = Pattern.compile("(?i);\\s*tag\\s*=");

  private StatelessResponse() {}

  /**
   * @param host source address, for {@code received} of the top Via
   * @param port source port, for {@code rport} when the Via has it
   * @return null when the request must not or cannot be answered
   */
  static byte @Nullable [] to(
      MessageHead request, int status, String reason, String host, int port) {
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
