package org.linescribe.gateway.call;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceRequest;

/** A call as a source of a session: what is asked for, and what a refusal means in SIP. */
final class CallSource {
  /** The only one: a call's caller. */
  static final int LEG = 0;

  /** The attribute of the codec that is spoken now: pcmu or pcma. */
  static final String LAW = "law";

  private static final int MAX_ATTRIBUTE_CHARACTERS = 1024;

  private CallSource() {}

  static SourceRequest request(SessionId sessionId, SipDialog dialog, CallMedia media) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("call_id", cut(dialog.callId()));
    attributes.put("from", cut(dialog.from()));
    attributes.put("to", cut(dialog.to()));
    attributes.put("transport", dialog.protocol());
    media.law().ifPresent(law -> attributes.put(LAW, law));
    return new SourceRequest(
        sessionId,
        "sip",
        List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        attributes);
  }

  private static String cut(String text) {
    return text.length() <= MAX_ATTRIBUTE_CHARACTERS
        ? text
        : text.substring(0, MAX_ATTRIBUTE_CHARACTERS);
  }

  static SipRefusal refusal(SessionRefusedException e) {
    return switch (e.reason()) {
      case OVERLOADED -> SipRefusal.unavailable("Overloaded", e.retryAfter());
      case DRAINING -> SipRefusal.unavailable("Shutting down", e.retryAfter());
      case STORE_UNAVAILABLE -> SipRefusal.unavailable("Store unavailable", e.retryAfter());
      case UNSUPPORTED ->
          SipRefusal.warned(488, "Not Acceptable Here", 399, "the session is not served");
    };
  }
}
