package org.linescribe.session.calls;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * A call that goes on.
 *
 * @param sessionId of its transcript, which names the call in the APIs
 * @param callId its SIP Call-ID; of another kind its session's id
 * @param kind "sip", "siprec", "audiosocket" or "rtp", which is a media port's
 * @param trunk that it came by, empty for a stranger's
 * @param from who calls; of a kind that does not tell it the address that the audio comes from, or
 *     empty
 * @param to who is called; empty where nobody tells it
 * @param transport of its signalling, of a kind without it of its audio
 * @param state "opening", "ringing", "answered", "active" or "held"
 * @param startedAt when its INVITE came, or its first audio
 * @param recording "off", "on" or "paused"
 * @param announcement when the caller was told something before its transcript, empty where it was
 *     not
 * @param paused whether its audio is left out of the transcript now
 */
public record OpenCall(
    SessionId sessionId,
    String callId,
    String kind,
    Optional<String> trunk,
    String from,
    String to,
    String transport,
    String state,
    Instant startedAt,
    Optional<Instant> answeredAt,
    boolean paused,
    String recording,
    Optional<AnnouncementTimes> announcement,
    List<LegQuality> legs) {
  public OpenCall {
    legs = List.copyOf(legs);
  }
}
