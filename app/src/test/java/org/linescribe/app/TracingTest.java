package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.springframework.boot.json.JsonWriter;
import tools.jackson.databind.json.JsonMapper;

/** Traces as a receiver gets them by OTLP over HTTP. */
final class TracingTest {
  private static final String PARENT_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT_SPAN = "00f067aa0ba902b7";

  /** What a span may tell: no words, no numbers of callers. */
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "session.id",
          "linescribe.kind",
          "linescribe.outcome",
          "linescribe.legs",
          "linescribe.model",
          "linescribe.leg",
          "linescribe.start_ms",
          "linescribe.end_ms",
          "linescribe.lag_ms",
          "linescribe.seq",
          "linescribe.refusal");

  @TempDir Path data;

  @Test
  void aCallIsOneTraceFromItsInviteToItsEnd() throws Exception {
    RecordedCall call = TestGateway.humanCalls().getFirst();
    CallReport report;
    try (OtlpReceiver receiver = new OtlpReceiver()) {
      try (TestGateway gateway = gateway(receiver, "--linescribe.tracing.headers=X-Api-Key=k1");
          SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU)) {
        report = gateway.place(caller, G711Law.PCMU, List.of(call)).getFirst();
      }
      assertThat(report.outcome()).isEqualTo(CallReport.Outcome.TRANSCRIBED);
      List<Span> spans = receiver.spans();

      assertThat(spans).hasSizeGreaterThan(4);
      assertThat(spans.stream().map(OtlpReceiver::traceId).distinct()).hasSize(1);
      Span root = only(spans, "session");
      assertThat(root.getParentSpanId().isEmpty()).isTrue();
      assertThat(names(spans))
          .contains("session", "call set-up", "open", "decode", "store", "announce");
      assertThat(count(spans, "store"))
          .isEqualTo(count(spans, "announce"))
          .isEqualTo(count(spans, "decode"))
          .isPositive();
      for (Span span : spans) {
        assertThat(span.getEndTimeUnixNano()).isGreaterThanOrEqualTo(span.getStartTimeUnixNano());
        assertThat(keys(span)).isSubsetOf(ATTRIBUTES);
        if (span != root) {
          assertThat(span.getParentSpanId()).isEqualTo(root.getSpanId());
          assertThat(span.getEndTimeUnixNano()).isLessThanOrEqualTo(root.getEndTimeUnixNano());
        }
      }
      // Speech lasts: the span of its decoding begins where its audio came.
      Span decode =
          spans.stream().filter(s -> s.getName().equals("decode")).findFirst().orElseThrow();
      assertThat(decode.getStartTimeUnixNano())
          .isBetween(root.getStartTimeUnixNano(), decode.getEndTimeUnixNano() - 100_000_000);
      String told = spans.toString().toLowerCase(Locale.ROOT);
      List<String> words =
          Pattern.compile("\\w+")
              .matcher(Objects.requireNonNull(call.words()).toLowerCase(Locale.ROOT))
              .results()
              .map(MatchResult::group)
              .toList();
      assertThat(words).isNotEmpty();
      for (String word : words) {
        assertThat(told).as("a spoken word").doesNotContainPattern("\\b" + word + "\\b");
      }
      assertThat(receiver.keys()).isNotEmpty().allMatch("k1"::equals);
      assertThat(receiver.resources().getFirst().getAttributesList())
          .anySatisfy(
              kv -> {
                assertThat(kv.getKey()).isEqualTo("service.name");
                assertThat(kv.getValue().getStringValue()).isEqualTo("linescribe");
              });
    }
  }

  @Test
  void aClientsTraceGoesOnInTheSessionOfItsRequest() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver()) {
      try (TestGateway gateway = gateway(receiver)) {
        assertThat(upload(gateway, "00-" + PARENT_TRACE + "-" + PARENT_SPAN + "-01"))
            .isEqualTo(200);
        // Its client's trace is not recorded, so nothing of this one is.
        assertThat(upload(gateway, "00-" + "1".repeat(32) + "-" + PARENT_SPAN + "-00"))
            .isEqualTo(200);
        assertThat(upload(gateway, "00-none-at-all")).isEqualTo(200);
      }
      List<Span> roots =
          receiver.spans().stream().filter(span -> span.getName().equals("session")).toList();

      assertThat(roots).hasSize(2);
      assertThat(OtlpReceiver.traceId(roots.getFirst())).isEqualTo(PARENT_TRACE);
      assertThat(HexFormat.of().formatHex(roots.getFirst().getParentSpanId().toByteArray()))
          .isEqualTo(PARENT_SPAN);
      assertThat(roots.getLast().getParentSpanId().isEmpty()).as("malformed").isTrue();
    }
  }

  @Test
  void aReceiverThatIsAwayCostsSpansAndNothingElse() throws Exception {
    int closed;
    try (ServerSocket taken = new ServerSocket(0)) {
      closed = taken.getLocalPort();
    }
    try (TestGateway gateway =
        new TestGateway(
            data,
            "--linescribe.tracing.endpoint=http://127.0.0.1:" + closed + "/v1/traces",
            "--linescribe.tracing.timeout=100ms")) {
      assertThat(upload(gateway, "")).isEqualTo(200);
      MeterRegistry meters = gateway.part(MeterRegistry.class);
      await()
          .until(() -> meters.counter("linescribe.tracing.spans", "result", "failed").count() > 0);
    }
  }

  @Test
  void withoutAReceiverNothingIsTraced() {
    try (TestGateway gateway = new TestGateway(data)) {
      assertThat(gateway.part(MeterRegistry.class).find("linescribe.tracing.spans").meters())
          .isEmpty();
    }
  }

  @Test
  void logLinesOfAnOpenSessionHaveItsTrace() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver();
        TestGateway gateway = gateway(receiver)) {
      SessionId id = new SessionId("0194e7a1-0000-7000-8000-000000000001");
      var source =
          gateway.part(Sessions.class).open(SourceRequest.of(id, "websocket"), new Unheard());

      assertThat(JsonMapper.shared().readTree(logged(id)).path("trace_id").asString(""))
          .isEqualTo("0194e7a1000070008000000000000001");
      source.end("done").toCompletableFuture().join();
      assertThat(JsonMapper.shared().readTree(logged(id)).has("trace_id")).isFalse();
    }
  }

  private static String logged(SessionId id) {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "",
            context.getLogger("test"),
            Level.INFO,
            "Session {} is tested",
            null,
            new Object[] {id});
    return JsonWriter.<ILoggingEvent>of(members -> new JsonLogMembers().customize(members))
        .writeToString(event);
  }

  private TestGateway gateway(OtlpReceiver receiver, String... more) {
    return new TestGateway(
        data,
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of("--linescribe.tracing.endpoint=" + receiver.endpoint()),
                java.util.stream.Stream.of(more))
            .toArray(String[]::new));
  }

  private static int upload(TestGateway gateway, String traceParent) throws Exception {
    Path wav = TestGateway.humanCalls().getFirst().file();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + gateway.http() + "/v1/listen"))
            .header("Content-Type", "audio/wav")
            .POST(HttpRequest.BodyPublishers.ofFile(wav));
    if (!traceParent.isEmpty()) {
      request.header("traceparent", traceParent);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    }
  }

  private static Span only(List<Span> spans, String name) {
    assertThat(count(spans, name)).as(name).isEqualTo(1);
    return spans.stream().filter(span -> span.getName().equals(name)).findFirst().orElseThrow();
  }

  private static long count(List<Span> spans, String name) {
    return spans.stream().filter(span -> span.getName().equals(name)).count();
  }

  private static Set<String> names(List<Span> spans) {
    return spans.stream().map(Span::getName).collect(Collectors.toSet());
  }

  private static Set<String> keys(Span span) {
    return span.getAttributesList().stream().map(KeyValue::getKey).collect(Collectors.toSet());
  }

  private static final class Unheard implements SourceListener {
    @Override
    public void onEvent(TranscriptEvent event) {}

    @Override
    public void onClosed(SourceClosed reason) {}
  }
}
