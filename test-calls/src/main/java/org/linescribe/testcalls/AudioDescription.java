package org.linescribe.testcalls;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.g711.G711Law;

/**
 * The audio stream of a session description: RTP address, payload types and direction. Source: RFC
 * 8866, RFC 3264.
 *
 * @param payloadTypes in the peer's order of preference
 * @param receives whether the peer receives our audio (not with {@code sendonly} and {@code
 *     inactive})
 */
record AudioDescription(InetSocketAddress address, List<Integer> payloadTypes, boolean receives) {
  /** Our offer: one codec and telephone events, 20 ms. */
  static String offer(InetSocketAddress rtp, G711Law law, long sessionNumber) {
    String family = rtp.getAddress() instanceof Inet6Address ? "IP6" : "IP4";
    String host = rtp.getAddress().getHostAddress();
    return String.join(
        "\r\n",
        "v=0",
        "o=linescribe-call " + sessionNumber + " 1 IN " + family + " " + host,
        "s=recorded call",
        "c=IN " + family + " " + host,
        "t=0 0",
        "m=audio " + rtp.getPort() + " RTP/AVP " + law.payloadType() + " 101",
        "a=rtpmap:" + law.payloadType() + " " + law.name() + "/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "");
  }

  /** Returns null when the SDP has no accepted audio over RTP/AVP. */
  static @Nullable AudioDescription parse(String sdp) {
    @Nullable String sessionHost = null;
    @Nullable String host = null;
    @Nullable String direction = null;
    int port = 0;
    boolean inMedia = false;
    boolean inAudio = false;
    List<Integer> types = new ArrayList<>();
    try {
      for (String line : sdp.split("\r?\n")) {
        String[] words = line.substring(Math.min(2, line.length())).trim().split(" +");
        if (line.startsWith("m=")) {
          inMedia = true;
          inAudio =
              port == 0
                  && words.length > 3
                  && words[0].equals("audio")
                  && words[2].equals("RTP/AVP");
          if (inAudio) {
            port = Integer.parseInt(words[1].split("/")[0]);
            for (int i = 3; i < words.length; i++) {
              types.add(Integer.parseInt(words[i]));
            }
          }
        } else if (line.startsWith("c=") && words.length == 3 && (!inMedia || inAudio)) {
          host = inAudio ? words[2] : host;
          sessionHost = inMedia ? sessionHost : words[2];
        } else if (line.matches("a=(sendrecv|sendonly|recvonly|inactive)")
            && (!inMedia || inAudio)) {
          direction = words[0];
        }
      }
      String where = host != null ? host : sessionHost;
      if (where == null || port < 1 || port > 65535) {
        return null;
      }
      boolean receives = !"sendonly".equals(direction) && !"inactive".equals(direction);
      return new AudioDescription(
          new InetSocketAddress(InetAddress.getByName(where), port), List.copyOf(types), receives);
    } catch (NumberFormatException | UnknownHostException e) {
      return null;
    }
  }
}
