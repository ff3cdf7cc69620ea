package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallDisplay;
import org.linescribe.testcalls.CallPlacer;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.Caller;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testsupport.HumanRecording;

/**
 * The whole program in this JVM, on free ports and a data folder of the test's; with the model of
 * digits, which the recorded calls speak, where the test names none.
 */
final class TestGateway implements AutoCloseable {

  /**
   * For tests of words: a machine that others load decodes later than the callers speak, and is to
   * refuse or cut nothing for it; and callers that are threads of the test, or programs beside it,
   * send late, and are to be heard.
   */
  static final String[] UNHURRIED = {
    "--linescribe.asr.queue-bound=2m",
    "--linescribe.asr.saturation-backlog=2m",
    "--linescribe.session.flush-time=60s",
    "--linescribe.api.transcribe.flush-after=1h",
    "--linescribe.rtp.jitter-window=500ms"
  };

  private static final String MODEL = "--linescribe.model.name=";

  private final RunningGateway gateway;

  TestGateway(Path data, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--linescribe.http=127.0.0.1:0",
                "--linescribe.sip.bind=127.0.0.1:0",
                "--linescribe.rtp.ports=0",
                "--linescribe.data=" + data));
    if (List.of(more).stream().noneMatch(argument -> argument.startsWith(MODEL))) {
      arguments.add(MODEL + "telephony-digits-en");
    }
    arguments.addAll(List.of(more));
    gateway = RunningGateway.start(arguments).orElseThrow();
  }

  /** Settings of a receiver of webhooks on this machine. */
  static List<String> webhook(String name, String url) {
    return List.of(
        "--linescribe.webhooks.allow-private=true",
        "--linescribe.webhooks.endpoints[0].name=" + name,
        "--linescribe.webhooks.endpoints[0].url=" + url,
        "--linescribe.webhooks.endpoints[0].secret=whsec_"
            + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
  }

  static List<RecordedCall> humanCalls() throws Exception {
    return RecordedCall.find(List.of(HumanRecording.folder()), null);
  }

  String http() {
    return gateway.addresses().http().toString();
  }

  String sipUri() {
    return "sip:test@" + gateway.addresses().sip();
  }

  InetSocketAddress sipAddress() {
    return gateway.addresses().sip().address();
  }

  /**
   * RTP packets that came too late or never. Each may cost a word that no gateway can hear: a
   * caller who gets no processor on this machine sends too late for anybody.
   */
  int spoiltPackets() {
    MeterRegistry meters = part(MeterRegistry.class);
    return (int)
        (meters.counter("linescribe.rtp.late").count()
            + meters.counter("linescribe.rtp.lost").count());
  }

  /** One of the parts, by its type. */
  <T> T part(Class<T> type) {
    return gateway.part(type);
  }

  URI subscription(String sessionId) {
    return URI.create("ws://" + http() + "/ws/subscribe/" + sessionId + "?wait=true&from_seq=1");
  }

  /** Places one call per recording, all at once, each with a session of its own. */
  List<CallReport> place(Caller caller, G711Law law, List<RecordedCall> calls) throws Exception {
    List<CallPlacer.Plan> plans =
        calls.stream()
            .map(call -> new CallPlacer.Plan(call, "test-" + UUID.randomUUID(), false))
            .toList();
    try (CallPlacer placer =
        new CallPlacer(caller, law, this::subscription, Map.of(), Duration.ofMinutes(2))) {
      return placer.placeAll(plans, calls.size(), Double.POSITIVE_INFINITY, _ -> CallDisplay.QUIET);
    }
  }

  @Override
  public void close() {
    gateway.close();
  }
}
