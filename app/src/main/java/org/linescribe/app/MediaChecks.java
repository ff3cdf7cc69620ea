package org.linescribe.app;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.linescribe.app.DoctorCommand.Finding;
import org.linescribe.app.DoctorCommand.Verdict;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.FfmpegProgram;
import org.linescribe.media.format.FfmpegSettings;

/** The checks of what audio needs: FFmpeg's program and the ports of RTP. Thread: one; blocks. */
final class MediaChecks {
  private static final int NAMED_PORTS = 5;

  private MediaChecks() {}

  /** Unpacks the bundled program where it is not yet, and runs it for its version. */
  static Finding ffmpeg(Settings settings) {
    FfmpegSettings defaults = FfmpegSettings.defaults();
    try {
      FfmpegProgram program =
          FfmpegProgram.find(
              new FfmpegSettings(
                  settings
                      .optionalText("linescribe.ffmpeg.binary")
                      .map(Path::of)
                      .or(defaults::binary),
                  settings
                      .optionalText("linescribe.ffmpeg.cache-directory")
                      .map(Path::of)
                      .orElse(defaults.cacheDirectory()),
                  1));
      return Finding.ok("ffmpeg", program.version() + " runs");
    } catch (DecodeException unusable) {
      return Finding.wrong(
          "ffmpeg",
          String.valueOf(unusable.getMessage()),
          "files and compressed audio are refused without it: name another program"
              + " (linescribe.ffmpeg.binary), or a folder where programs may run"
              + " (linescribe.ffmpeg.cache-directory)");
    }
  }

  /**
   * Beside what may be a running gateway: a port that is bound here would fail one of its calls.
   */
  static Finding rtpUnchecked(RtpSettings rtp) {
    return Finding.warning(
        "rtp",
        rtp.ports() + ", not checked: the SIP port is in use, perhaps by a gateway with calls",
        "stop what listens on linescribe.sip.bind and run doctor again");
  }

  /** Binds every port of the range once, so no gateway may be running with it. */
  static Finding rtp(RtpSettings rtp, String sipHost) {
    String ports = rtp.ports();
    int dash = ports.indexOf('-');
    if (dash < 0) {
      return Finding.ok("rtp", "the system chooses the ports");
    }
    String host = rtp.bind().isBlank() ? sipHost : rtp.bind();
    int last = Integer.parseInt(ports.substring(dash + 1));
    List<Integer> taken = new ArrayList<>();
    Optional<String> why = Optional.empty();
    for (int port = Integer.parseInt(ports.substring(0, dash)); port <= last; port++) {
      try (DatagramSocket udp = new DatagramSocket(null)) {
        udp.bind(new InetSocketAddress(host, port));
      } catch (IOException | IllegalArgumentException no) {
        taken.add(port);
        why = Optional.of(String.valueOf(no.getMessage()));
      }
    }
    if (taken.isEmpty()) {
      return Finding.ok("rtp", host + ", all of " + ports + " are free");
    }
    boolean some = taken.size() <= last - Integer.parseInt(ports.substring(0, dash));
    return new Finding(
        some ? Verdict.WARNING : Verdict.WRONG,
        "rtp",
        "%s, %d ports of %s cannot be bound: %s%s (%s)"
            .formatted(
                host,
                taken.size(),
                ports,
                taken.subList(0, Math.min(NAMED_PORTS, taken.size())),
                taken.size() > NAMED_PORTS ? " …" : "",
                why.orElse("")),
        "stop what has them, or choose other ports or another address: linescribe.rtp.ports,"
            + " linescribe.rtp.bind");
  }
}
