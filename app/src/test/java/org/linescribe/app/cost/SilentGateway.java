package org.linescribe.app.cost;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.linescribe.gateway.call.CallSettings;
import org.linescribe.gateway.call.SipGateway;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;

/** The gateway and the pipeline with a fake recogniser, without HTTP; in a process of its own. */
final class SilentGateway {
  private SilentGateway() {}

  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("linescribe-silent");
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    SessionPipeline sessions =
        SessionPipeline.builder()
            .recogniser("fake", new FakeSilentRecogniser())
            .stores(SessionStores.embedded(data, Duration.ofMinutes(1)))
            .meters(meters)
            .build();
    SipGateway gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            meters,
            Clock.systemUTC());
    gateway.start();
    System.out.println("ready sip=127.0.0.1:" + gateway.udpAddress().getPort());
    // Until the one who started it goes away.
    while (System.in.read() >= 0) {
      continue;
    }
    gateway.stop();
    sessions.close();
    try (var paths = Files.walk(data)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
    System.exit(0);
  }
}
