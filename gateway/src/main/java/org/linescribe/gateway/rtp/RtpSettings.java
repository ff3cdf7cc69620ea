package org.linescribe.gateway.rtp;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings under {@code linescribe.rtp}.
 *
 * @param bind IP address or name of this machine that media sockets are bound to; empty: the host
 *     of {@code linescribe.sip.bind}
 * @param ports {@code LO-HI}, both included: RTP takes the even ports, RTCP the odd ones behind
 *     them; {@code 0}: whatever the system has free. Default 20000-29999
 * @param quarantine a pair of ports is not used again for so long, so that a late packet of one
 *     call does not reach the next; 0 to 5 min. Default 5 s
 * @param timeout a call without a valid packet for so long has ended, hold apart; 1 s to 1 h.
 *     Default 30 s
 * @param jitterWindow how long a packet waits for one that is missing before it; 0 to 500 ms.
 *     Default 60 ms
 * @param source who may send: {@code latch}, the first valid source (peers behind NATs), or {@code
 *     address}, only the host that the SDP names
 * @param relatchAfter a valid source of another address may take over when the latched one was
 *     silent for so long; 500 ms to 1 min. Default 2 s
 * @param rtcpInterval mean time between reports; 1 s to 1 min. Default 5 s
 * @param eventLoops threads for media, 0 for one per processor; 0 to 64
 */
public record RtpSettings(
    String bind,
    String ports,
    Duration quarantine,
    Duration timeout,
    Duration jitterWindow,
    Source source,
    Duration relatchAfter,
    Duration rtcpInterval,
    int eventLoops) {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

  /** Who may send. */
  public enum Source {
    LATCH,
    ADDRESS
  }

  public RtpSettings {
    range("quarantine", quarantine, Duration.ZERO, Duration.ofMinutes(5));
    range("timeout", timeout, Duration.ofSeconds(1), Duration.ofHours(1));
    range("jitter-window", jitterWindow, Duration.ZERO, Duration.ofMillis(500));
    range("relatch-after", relatchAfter, Duration.ofMillis(500), Duration.ofMinutes(1));
    range("rtcp-interval", rtcpInterval, Duration.ofSeconds(1), Duration.ofMinutes(1));
    range("event-loops", eventLoops, 0, 64);
    parse(ports);
  }

  /** The defaults on a range of ports. */
  public static RtpSettings on(String ports) {
    return new RtpSettings(
        "",
        ports,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMillis(60),
        Source.LATCH,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        0);
  }

  /** First RTP port, even; 0 when the system chooses. */
  int firstPort() {
    return parse(ports)[0];
  }

  /** Pairs of ports in the range; 0 when the system chooses. */
  int pairs() {
    return parse(ports)[1];
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

  private static <T extends Comparable<T>> void range(String key, T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "linescribe.rtp." + key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }
}
