package org.linescribe.gateway.sip;

import gov.nist.javax.sip.header.Via;
import gov.nist.javax.sip.message.SIPRequest;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the branch of a request tell who sent it. The stack knows a server transaction by its
 * branch alone, where RFC 3261 §17.2.3 knows it by branch and sent-by; and simple clients (load
 * tools, telephones that count from one) all use the same branches: one would get the other's
 * answers. So a request's branch gets a mark as it comes in, and the responses lose it as they go
 * out.
 *
 * <p>The mark is made of sent-by and Call-ID, which a request shares with its repetitions, its
 * CANCEL and the ACK to its refusal.
 *
 * <p>Thread: any.
 */
final class TransactionBranch {
  private static final String COOKIE = "z9hg4bk";

  /** Before the branch of an older SIP. */
  private static final String OLD_PREFIX = "z9hG4bK";

  private static final Pattern MARKED =
      Pattern.compile(
          "\\A[^\\n"
              + "]*\\n"
              + "(?:(?!Via:)[^\\n"
              + "]+\\n"
              + ")*?Via:[^\\n"
              + ",]*?;branch=([^;,\\s]*?)(~o?[0-9a-f]{16})(?=[;,\\s])",
          Pattern.CASE_INSENSITIVE);

  private TransactionBranch() {}

  /**
   * Marks a request. One of an older SIP, whose branch means nothing, gets a branch that means
   * something: for a request without one the stack compares all transactions with it.
   */
  static void mark(SIPRequest request) throws ParseException {
    Via via = request.getTopmostVia();
    String branch = via.getBranch();
    if (branch == null || branch.isEmpty()) {
      // RFC 3261 §17.2.3: an older peer has none; the stack would fail. Its INVITE, CANCEL and ACK
      // share Call-ID, From tag and CSeq number.
      String key = request.getCallId().getCallId() + request.getFromTag();
      via.setBranch("z9hG4bK%08x%x".formatted(key.hashCode(), request.getCSeq().getSeqNumber()));
      return;
    }
    String sentBy = (via.getHost() + ":" + via.getPort()).toLowerCase(Locale.ROOT);
    String callId = request.getCallId().getCallId();
    if (branch.toLowerCase(Locale.ROOT).startsWith(COOKIE)) {
      via.setBranch("%s~%08x%08x".formatted(branch, sentBy.hashCode(), callId.hashCode()));
    } else {
      // RFC 3261 §17.2.3: such requests are told apart by From tag, Call-ID, CSeq and top Via.
      String rest = request.getFromTag() + "/" + callId + "/" + request.getCSeq().getSeqNumber();
      via.setBranch(
          "%s%s~o%08x%08x".formatted(OLD_PREFIX, branch, sentBy.hashCode(), rest.hashCode()));
    }
  }

  /** A response as its peer must see it; a request as it is. */
  static byte[] unmarked(byte[] message) {
    if (message.length < 8 || message[0] != 'S' || message[3] != '/') {
      return message;
    }
    // One byte is one character there and back.
    String text = new String(message, StandardCharsets.ISO_8859_1);
    Matcher marked = MARKED.matcher(text);
    if (!marked.find()) {
      return message;
    }
    boolean old = marked.group(2).startsWith("~o");
    String branch = old ? marked.group(1).substring(OLD_PREFIX.length()) : marked.group(1);
    return (text.substring(0, marked.start(1)) + branch + text.substring(marked.end(2)))
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
