package org.linescribe.gateway.sdp;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.linescribe.gateway.ice.IceSession;
import org.linescribe.media.codec.AudioCodec;

/**
 * The result of an offer/answer exchange for the one stream that we accept.
 *
 * @param codec of the audio in both directions
 * @param payloadType its payload type in both directions
 * @param telephoneEvent payload type of RFC 4733 events, when both sides have it
 * @param remoteHost the peer's RTP host: an address or a name
 * @param remoteRtpPort its RTP port, 0 when it receives none
 * @param remoteRtcpHost the peer's RTCP host
 * @param remoteRtcpPort its RTCP port
 * @param rtcpMux RTCP goes to the RTP port
 * @param direction the direction as we see it: {@link MediaDirection#RECVONLY} when the peer put us
 *     on hold by sendonly
 * @param recording the peer is a recording client, which always sends only (RFC 7866)
 * @param packetTime duration of the packets that we send
 * @param protection of RTP and RTCP
 * @param ice where the peer's checks decide on its address, which its description then need not
 *     tell
 */
public record NegotiatedMedia(
    AudioCodec codec,
    int payloadType,
    OptionalInt telephoneEvent,
    String remoteHost,
    int remoteRtpPort,
    String remoteRtcpHost,
    int remoteRtcpPort,
    boolean rtcpMux,
    MediaDirection direction,
    boolean recording,
    Duration packetTime,
    MediaProtection protection,
    Optional<IceSession> ice) {

  /** What everybody takes for it, Asterisk as well. */
  private static final int UNSIGNALLED_TELEPHONE_EVENT = 101;

  private static final Duration UNSIGNALLED_PACKET_TIME = Duration.ofMillis(20);

  /**
   * A stream that nothing was negotiated for, which is only received.
   *
   * @param payloadTypes that mean the codec, at least one; of telephone-event is {@value
   *     #UNSIGNALLED_TELEPHONE_EVENT} unless it is among them
   */
  public static NegotiatedMedia unsignalled(AudioCodec codec, List<Integer> payloadTypes) {
    return new NegotiatedMedia(
        codec,
        payloadTypes.getFirst(),
        payloadTypes.contains(UNSIGNALLED_TELEPHONE_EVENT)
            ? OptionalInt.empty()
            : OptionalInt.of(UNSIGNALLED_TELEPHONE_EVENT),
        "",
        0,
        "",
        0,
        false,
        MediaDirection.RECVONLY,
        true,
        UNSIGNALLED_PACKET_TIME,
        new MediaProtection.Plain(),
        Optional.empty());
  }

  /** The peer put the call on hold: sendonly, inactive, or c=0.0.0.0 (RFC 2543). */
  public boolean isHeld() {
    return direction == MediaDirection.INACTIVE
        || direction == MediaDirection.RECVONLY && !recording;
  }

  /** The same while the peer sends nothing. */
  public NegotiatedMedia inactive() {
    return new NegotiatedMedia(
        codec,
        payloadType,
        telephoneEvent,
        remoteHost,
        remoteRtpPort,
        remoteRtcpHost,
        remoteRtcpPort,
        rtcpMux,
        MediaDirection.INACTIVE,
        recording,
        packetTime,
        protection,
        ice);
  }
}
