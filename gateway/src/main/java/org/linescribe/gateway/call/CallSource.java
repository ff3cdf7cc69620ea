package org.linescribe.gateway.call;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpSummary;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.session.InsightsRequest;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.calls.LegQuality;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maps a call to a source of a session, and a session's refusal to a SIP response. */
final class CallSource {
  /** Attribute with the negotiated codec: pcmu, pcma, g722 or opus. */
  private static final String CODEC = "codec";

  /** Alias of {@link #CODEC}, kept for readers of earlier versions. */
  private static final String CODEC_ALIAS = "law";

  private static final String TRUNK = "trunk";

  /** Attribute that a routing rule sets. */
  private static final String MODEL = "route_model";

  /** Headers by which a caller, or the PBX before it, chooses where no routing rule does. */
  private static final String MODEL_HEADER = "X-Model";

  private static final String LANGUAGE_HEADER = "X-Language";

  private static final Logger LOG = LoggerFactory.getLogger(CallSource.class);

  private static final int MAX_ATTRIBUTE_CHARACTERS = 1024;

  private CallSource() {}

  /**
   * @param owner the call's: its trunk, else by {@link CallerNetworks}
   */
  static SourceRequest request(
      SessionId sessionId,
      String owner,
      SipDialog dialog,
      CallMedia media,
      @Nullable CallRecording recording,
      CallAdmission.Decision.Admitted admitted) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put(SessionRecord.CALL_ID, cut(dialog.callId()));
    attributes.put("from", cut(dialog.from()));
    attributes.put("to", cut(dialog.to()));
    attributes.put("transport", dialog.protocol());
    media
        .codec()
        .ifPresent(
            codec -> {
              attributes.put(CODEC, codec);
              attributes.put(CODEC_ALIAS, codec);
            });
    if (recording != null) {
      attributes.putAll(recording.attributes());
    }
    Route route = admitted.route();
    admitted.trunk().ifPresent(trunk -> attributes.put(TRUNK, trunk));
    route.wantedModel().ifPresent(model -> attributes.put(MODEL, model));
    if (!route.wantedInsights().isEmpty()) {
      attributes.put(InsightsRequest.ATTRIBUTE, route.wantedInsights().toString());
    }
    return new SourceRequest(
        sessionId,
        recording == null ? "sip" : "siprec",
        Optional.of(owner),
        recording == null
            ? List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000))
            : recording.legs(),
        recognition(route, dialog),
        attributes);
  }

  /** A caller may name what no rule does. A call is not lost for what is not served. */
  private static RecognitionRequest recognition(Route route, SipDialog dialog) {
    return RecognitionRequest.DEFAULT
        .withModel(
            route
                .wantedModel()
                .or(
                    () ->
                        route.wantedProvider().isPresent()
                            ? Optional.empty()
                            : header(dialog, MODEL_HEADER)))
        .withProvider(route.wantedProvider())
        .withLanguage(route.wantedLanguage().or(() -> header(dialog, LANGUAGE_HEADER)))
        .withEndpointSilence(route.wantedEndpointSilence())
        .withHotwords(route.wantedHotwords())
        .orElseDefault();
  }

  private static Optional<String> header(SipDialog dialog, String name) {
    return dialog.header(name).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** Opens the call's session. Blocks. */
  static SessionSource open(Sessions sessions, SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    SessionSource source = sessions.open(request, listener);
    for (String words : source.unserved()) {
      LOG.info("Session {}: not served, the default is: {}", request.sessionId(), words);
    }
    return source;
  }

  static void describeCodec(SessionSource source, String codec) {
    source.describe(CODEC, codec);
    source.describe(CODEC_ALIAS, codec);
  }

  private static String cut(String text) {
    return text.length() <= MAX_ATTRIBUTE_CHARACTERS
        ? text
        : text.substring(0, MAX_ATTRIBUTE_CHARACTERS);
  }

  /** The media of each leg so far. Thread: the call's event loop. */
  static List<LegQuality> quality(
      @Nullable CallMedia media,
      @Nullable SessionSource source,
      @Nullable CallRecording recording) {
    List<LegQuality> legs = new ArrayList<>();
    if (media == null) {
      return legs;
    }
    List<RtpSummary> summaries = media.summaries();
    for (int leg = 0; leg < summaries.size(); leg++) {
      RtpSummary rtp = summaries.get(leg);
      legs.add(
          new LegQuality(
              recording == null ? SourceRequest.Leg.CALLER : recording.legs().get(leg).name(),
              media.codec(leg),
              rtp.received(),
              rtp.lost(),
              rtp.late(),
              rtp.duplicate(),
              rtp.jitterMs(),
              source == null ? 0 : source.backlogMs(leg)));
    }
    return legs;
  }

  static SipRefusal refusal(SessionRefusedException e) {
    return switch (e.reason()) {
      case OVERLOADED -> SipRefusal.unavailable("Overloaded", e.retryAfter());
      case DRAINING -> SipRefusal.unavailable("Shutting down", e.retryAfter());
      case STORE_UNAVAILABLE -> SipRefusal.unavailable("Store unavailable", e.retryAfter());
      case CONFLICT ->
          SipRefusal.warned(486, "Busy Here", 399, "another source has this session open");
      case UNSUPPORTED ->
          SipRefusal.warned(488, "Not Acceptable Here", 399, "the session is not served");
    };
  }
}
