package org.linescribe.gateway.sdp;

import java.time.Duration;
import java.util.OptionalInt;
import org.linescribe.media.g711.G711Law;

/**
 * What offer and answer agreed on for the one stream that we take.
 *
 * @param law the codec
 * @param payloadType its payload type in both directions
 * @param telephoneEvent payload type of RFC 4733 events, when both sides have it
 * @param remoteHost where the peer wants media: an address or a name
 * @param remoteRtpPort its RTP port, 0 when it wants none
 * @param remoteRtcpHost where it wants RTCP
 * @param remoteRtcpPort its RTCP port
 * @param rtcpMux RTCP goes to the RTP port
 * @param direction the flow as we see it: {@link MediaDirection#RECVONLY} when the peer put us on
 *     hold by sendonly
 * @param packetTime length of the packets that we send
 */
public record NegotiatedMedia(
    G711Law law,
    int payloadType,
    OptionalInt telephoneEvent,
    String remoteHost,
    int remoteRtpPort,
    String remoteRtcpHost,
    int remoteRtcpPort,
    boolean rtcpMux,
    MediaDirection direction,
    Duration packetTime) {

  /**
   * The peer put the call on hold: it will not hear us (sendonly, inactive), sends nothing
   * (inactive), or gave 0.0.0.0 (RFC 2543's way).
   */
  public boolean isHeld() {
    return direction == MediaDirection.INACTIVE || direction == MediaDirection.RECVONLY;
  }
}
