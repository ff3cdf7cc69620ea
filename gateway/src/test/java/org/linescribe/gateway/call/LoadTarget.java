package org.linescribe.gateway.call;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;

/**
 * The gateway without recognition, to be loaded by SIPp; no test. After {@code mvn -pl gateway -am
 * test-compile} and with the class path of {@code mvn -pl gateway dependency:build-classpath}:
 *
 * <pre>
 * java -cp … org.linescribe.gateway.call.LoadTarget 5080 60
 * # 50 calls a second for 10 s, half a second of talk each:
 * CALLS=500 PAUSE_MS=500 test-calls/sip-kit/bin/call.sh uac_load_stream 127.0.0.1:5080 speech -- -r 50 -l 100
 * # 100 calls at once for 15 s:
 * CALLS=100 PAUSE_MS=15000 test-calls/sip-kit/bin/call.sh uac_load_stream 127.0.0.1:5080 speech -- -r 20
 * </pre>
 *
 * <p>Arguments: port, seconds to live. Prints outcomes, packets and CPU time at its end.
 */
final class LoadTarget {
  private LoadTarget() {}

  public static void main(String[] args) throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RecordingSessionsFake sessions = new RecordingSessionsFake();
    SipGateway gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:" + args[0]),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC());
    gateway.start();
    System.out.println("ready " + gateway.udpAddress());
    new CountDownLatch(1).await(Long.parseLong(args[1]), TimeUnit.SECONDS);
    System.out.println(
        "sessions "
            + sessions.recordings.size()
            + " open "
            + registry.get("linescribe.call.active").gauge().value());
    for (String name :
        new String[] {
          "linescribe.call.outcomes",
          "linescribe.rtp.packets",
          "linescribe.rtp.lost",
          "linescribe.rtp.late",
          "linescribe.rtp.defects"
        }) {
      for (Counter counter : registry.find(name).counters()) {
        System.out.println(
            counter.getId().getName() + counter.getId().getTags() + " " + counter.count());
      }
    }
    System.out.println("setup " + registry.find("linescribe.call.setup").timer().takeSnapshot());
    var bean =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    System.out.println("CPU seconds " + bean.getProcessCpuTime() / 1e9);
    Runtime runtime = Runtime.getRuntime();
    System.out.println("heap MiB " + ((runtime.totalMemory() - runtime.freeMemory()) >> 20));
    gateway.stop();
  }
}
