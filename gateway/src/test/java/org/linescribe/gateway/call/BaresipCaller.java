package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.linescribe.testsupport.SipKit;

/** A real baresip that plays the recording "speech" and hangs up at its end. */
final class BaresipCaller {
  private BaresipCaller() {}

  /**
   * Calls; close what is returned when the call has ended.
   *
   * @param options of baresip_peer.sh, beside its ports
   */
  static SipKit.Background call(SipKit kit, String to, Map<String, String> options)
      throws IOException, InterruptedException {
    int base = SipKit.freeBase(8);
    int rtp = SipKit.freeBase(40);
    Map<String, String> environment = new HashMap<>(options);
    environment.put("RTP", rtp + "-" + (rtp + 39));
    environment.put("CTRL", Integer.toString(base + 4));
    environment.put("HTTP", Integer.toString(base + 6));
    SipKit.Run peer =
        kit.run(
            List.of(SipKit.script("baresip_peer.sh"), "alice", Integer.toString(base)),
            environment,
            60);
    assertThat(peer.status()).as(peer.output()).isZero();
    String[] lines = peer.output().strip().split("\n");
    return kit.begin(
        List.of(
            "sh",
            "-c",
            "exec baresip -f \"$0\" -v -s -t 60 -e \"/dial $1\" < /dev/null",
            lines[lines.length - 1],
            to));
  }
}
