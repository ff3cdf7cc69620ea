package org.linescribe.gateway.call;

import java.util.Arrays;

/** The body of a SIPREC client's request: a session description, and who sends each stream. */
final class RecordingOffer {
  /** The headers of its request. */
  static final String HEADERS = "Require: siprec\r\nContent-Type: multipart/mixed;boundary=b\r\n";

  private RecordingOffer() {}

  /**
   * @param mode "complete" or "partial"
   * @param labels of streams that are sent: each by {@code sip:LABEL@x}
   */
  static String of(String sdp, String mode, String... labels) {
    return "--b\r\nContent-Type: application/sdp\r\n\r\n"
        + sdp
        + "\r\n"
        + metadata(mode, labels)
        + "--b--";
  }

  private static String metadata(String mode, String... labels) {
    StringBuilder xml =
        new StringBuilder(
            "<?xml version=\"1.0\"?>\r\n<recording"
                + " xmlns=\"urn:ietf:params:xml:ns:recording:1\"><datamode>"
                + mode
                + "</datamode>");
    for (String label : labels) {
      xml.append("<participant participant_id=\"p").append(label).append("\"><nameID aor=\"sip:");
      xml.append(label).append("@x\"/></participant><stream stream_id=\"s").append(label);
      xml.append("\"><label>").append(label).append("</label></stream><participantstreamassoc");
      xml.append(" participant_id=\"p").append(label).append("\"><send>s").append(label);
      xml.append("</send></participantstreamassoc>");
    }
    return "--b\r\nContent-Type: application/rs-metadata+xml\r\n\r\n" + xml + "</recording>\r\n";
  }

  /** The ports of an answer, in the order of its m-lines. */
  static int[] ports(RawSipPeer.Message ok) {
    String[] lines = ok.body().split("m=audio ");
    return Arrays.stream(lines).skip(1).mapToInt(l -> Integer.parseInt(l.split(" ")[0])).toArray();
  }
}
