package org.linescribe.gateway.rtp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** Media sockets and what may arrive on them. */
@SettingsGroup("linescribe.rtp")
public record RtpSettings(
    @Setting("Address of the media sockets; empty: the host of linescribe.sip.bind.") String bind,
    @Setting(
            "LO-HI, both included: RTP takes the even ports, RTCP the odd ones behind them; 0:"
                + " whatever is free.")
        @Default("20000-29999")
        String ports,
    @Setting(
            "How long a pair of ports rests between calls, so that a late packet of one does not"
                + " reach the next.")
        @Default("5s")
        @Range("0s to 5m")
        Duration quarantine,
    @Setting("A call without a valid packet (and not on hold) ends after this long.")
        @Default("30s")
        @Range("1s to 1h")
        Duration timeout,
    @Setting("How long a packet waits for one that is missing before it.")
        @Default("60ms")
        @Range("0s to 500ms")
        Duration jitterWindow,
    @Setting("How long a source that paused may send nothing before its time counts as silence.")
        @Default("1500ms")
        @Range("0s to 10s")
        Duration silencePatience,
    @Setting(
            "The same for a source that broke off in the middle of speech; a stall of the network"
                + " that is shorter leaves no trace.")
        @Default("6s")
        @Range("0s to 10s")
        Duration stallPatience,
    @Setting(
            "Whether up to 60 ms of lost audio are made up from the sound before (ITU-T G.711"
                + " Appendix I) and are not silence.")
        @Default("true")
        boolean concealLosses,
    @Setting(
            "Who may send: latch, the first valid source (peers behind NATs); address, only the"
                + " host that the SDP names.")
        @Default("latch")
        Source source,
    @Setting(
            "Another stream of the latched host may take over when the latched one was silent this"
                + " long.")
        @Default("2s")
        @Range("500ms to 1m")
        Duration relatchAfter,
    @Setting("Mean time between RTCP reports (RFC 3550 §6.2).") @Default("5s") @Range("1s to 1m")
        Duration rtcpInterval,
    @Setting(
            "How often the media sockets are read while there are calls; 0 reads each packet as it"
                + " comes, for more CPU.")
        @Default("10ms")
        @Range("0s to 20ms")
        Duration pollInterval,
    @Setting("Event loops for media; 0 takes one per processor.") @Default("0") @Range("0 to 64")
        int eventLoops,
    @Setting(
            "Encryption of media: off refuses it, allowed follows the peer's offer, required"
                + " refuses offers without it. Keys in SDP (a=crypto) are only as secret as the"
                + " signalling: use linescribe.sip.tls.")
        @Default("allowed")
        SrtpMode srtp,
    @Setting(
            "Codecs that calls may have, the preferred one first: g711 (the law that the caller"
                + " prefers), g722, opus. All are decoded to 8 kHz; g711 costs the least.")
        @Default("g711,g722,opus")
        List<String> codecs,
    @Setting(
            "Ports open at once by POST /sessions/{session_id}/media, of those of"
                + " linescribe.rtp.ports, and at most one pair fewer than these are; 0 opens none.")
        @Default("100")
        @Range("0 to 10000")
        int mediaPorts) {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

  /** Who may send. */
  public enum Source {
    LATCH,
    ADDRESS
  }

  public RtpSettings {
    SettingsCheck.ranges(
        RtpSettings.class,
        quarantine,
        timeout,
        jitterWindow,
        silencePatience,
        stallPatience,
        relatchAfter,
        rtcpInterval,
        pollInterval,
        eventLoops,
        mediaPorts);
    parse(ports);
    codecs = List.copyOf(codecs);
    CodecChoice.parse("linescribe.rtp.codecs", codecs);
  }

  /** The defaults on a range of ports. */
  public static RtpSettings on(String ports) {
    return SettingsDefaults.of(RtpSettings.class, Map.of("ports", ports));
  }

  List<CodecChoice> codecChoices() {
    return CodecChoice.parse("linescribe.rtp.codecs", codecs);
  }

  /** First RTP port, even; 0 when the system chooses. */
  int firstPort() {
    return parse(ports)[0];
  }

  /** Pairs of ports in the range; 0 when the system chooses. */
  int pairs() {
    return parse(ports)[1];
  }

  /** Media ports that there may be; a range leaves at least one of its pairs to calls. */
  public int openableMediaPorts() {
    return pairs() == 0 ? mediaPorts : Math.min(mediaPorts, pairs() - 1);
  }

  private static int[] parse(String ports) {
    if (ports.equals("0")) {
      return new int[] {0, 0};
    }
    Matcher matcher = RANGE.matcher(ports);
    if (matcher.matches()) {
      int low = Integer.parseInt(matcher.group(1));
      int high = Integer.parseInt(matcher.group(2));
      int first = low + (low & 1);
      int pairs = (high - first + 1) / 2;
      if (low >= 1 && high <= 65535 && pairs >= 1) {
        return new int[] {first, pairs};
      }
    }
    throw new IllegalArgumentException(
        "linescribe.rtp.ports: '"
            + ports
            + "' (expected: LO-HI within 1 to 65535 with at least one even port and the odd one"
            + " behind it, or 0)");
  }
}
