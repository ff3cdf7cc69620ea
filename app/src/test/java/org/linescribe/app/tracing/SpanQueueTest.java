package org.linescribe.app.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;

/** What waits for the receiver of traces, and which sessions are traced. */
class SpanQueueTest {
  private static final int CAPACITY = 64;

  /** A receiver that answers when it is let, and counts what it got. */
  private static class Held implements SpanExporter {
    final CountDownLatch asked = new CountDownLatch(1);
    final CompletableResultCode answer = new CompletableResultCode();
    final AtomicInteger got = new AtomicInteger();

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      got.addAndGet(spans.size());
      asked.countDown();
      return answer;
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @Test
  void dropsAndCountsWhatIsBeyondItsBoundAndNeverWaits() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Held receiver = new Held();
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(
                new SpanQueue(receiver, "test", CAPACITY, Duration.ofMinutes(1), meters))
            .build();
    Tracer tracer = provider.get("test");
    tracer.spanBuilder("first").startSpan().end();
    receiver.asked.await();
    int more = 3 * CAPACITY;
    for (int i = 0; i < more; i++) {
      tracer.spanBuilder("more").startSpan().end();
    }

    assertThat(count(meters, "dropped")).isEqualTo(more - CAPACITY);
    receiver.answer.succeed();
    await().until(() -> count(meters, "sent") == 1 + CAPACITY);
    assertThat(receiver.got).hasValue(1 + CAPACITY);
    provider.shutdown();
  }

  @Test
  void sendsWhatWaitsWhenItIsClosed() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Held receiver = new Held();
    receiver.answer.succeed();
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(
                new SpanQueue(receiver, "test", CAPACITY, Duration.ofMinutes(1), meters))
            .build();
    provider.get("test").spanBuilder("last").startSpan().end();
    provider.shutdown();
    assertThat(count(meters, "sent")).isEqualTo(1);
  }

  /** Faults once, as a class that cannot be loaded does. */
  @Test
  void goesOnAfterAnErrorAndCountsWhatItLost() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Held receiver =
        new Held() {
          @Override
          public CompletableResultCode export(Collection<SpanData> spans) {
            if (asked.getCount() > 0) {
              asked.countDown();
              throw new NoClassDefFoundError("for the test");
            }
            return super.export(spans);
          }
        };
    receiver.answer.succeed();
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(
                new SpanQueue(receiver, "test", CAPACITY, Duration.ofMinutes(1), meters))
            .build();
    provider.get("test").spanBuilder("lost").startSpan().end();
    await().until(() -> count(meters, "failed") == 1);
    provider.get("test").spanBuilder("sent").startSpan().end();
    await().until(() -> count(meters, "sent") == 1);
    provider.shutdown();
  }

  @Test
  void sendsAtOnceWhatIsHalfOfItsQueue() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    Held receiver =
        new Held() {
          @Override
          public CompletableResultCode export(Collection<SpanData> spans) {
            sizes.add(spans.size());
            return super.export(spans);
          }
        };
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(
                new SpanQueue(receiver, "test", CAPACITY, Duration.ofMinutes(1), meters))
            .build();
    provider.get("test").spanBuilder("first").startSpan().end();
    receiver.asked.await();
    // The receiver holds the first up, so that these wait together.
    for (int i = 0; i < CAPACITY; i++) {
      provider.get("test").spanBuilder("more").startSpan().end();
    }
    receiver.answer.succeed();
    await().until(() -> count(meters, "sent") == 1 + CAPACITY);
    assertThat(sizes).containsExactly(1, CAPACITY / 2, CAPACITY / 2);
    provider.shutdown();
  }

  private static double count(SimpleMeterRegistry meters, String result) {
    return meters.counter("linescribe.tracing.spans", "result", result).count();
  }

  @Test
  void tracesTheShareOfSessionsThatWasAskedFor() {
    Random random = new Random(11);
    int in = 0;
    for (int i = 0; i < 10_000; i++) {
      if (new ShareOfSessions(20).isIn(TraceIds.made(SessionId.random(random.nextLong() >>> 20)))) {
        in++;
      }
    }
    assertThat(in).isBetween(1800, 2200);
    assertThat(new ShareOfSessions(0).isIn("f".repeat(32))).isFalse();
    assertThat(new ShareOfSessions(100).isIn("f".repeat(32))).isTrue();
  }

  @Test
  void aClientsTraceIsRecordedByTheShareToo() {
    assertThat(isSampled(0, TraceFlags.getSampled())).isFalse();
    assertThat(isSampled(100, TraceFlags.getSampled())).isTrue();
    assertThat(isSampled(100, TraceFlags.getDefault())).as("its client records nothing").isFalse();
  }

  private static boolean isSampled(int percent, TraceFlags clients) {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Span parent =
        Span.wrap(
            SpanContext.createFromRemoteParent(
                trace, "00f067aa0ba902b7", clients, TraceState.getDefault()));
    return OtlpTraces.sampler(percent)
        .shouldSample(
            Context.root().with(parent),
            trace,
            "session",
            SpanKind.SERVER,
            Attributes.empty(),
            List.of())
        .getDecision()
        .equals(SamplingDecision.RECORD_AND_SAMPLE);
  }

  @Test
  void aLogLineTellsNoKeyOfTheReceiver() {
    TracingSettings settings =
        new TracingSettings(
            "https://otel.example:4318/v1/traces?key=secret",
            List.of(),
            100,
            4096,
            Duration.ofSeconds(10),
            "linescribe");
    assertThat(settings.receiver()).isEqualTo("https://otel.example:4318/v1/traces");
  }

  @Test
  void aSessionsTraceHasTheSessionsId() {
    assertThat(TraceIds.made(new SessionId("0194e7a1-0000-7000-8000-0000000000ab")))
        .isEqualTo("0194e7a1000070008000" + "0000000000ab");
    assertThat(TraceIds.made(new SessionId("call-7")))
        .matches("[0-9a-f]{32}")
        .isEqualTo(TraceIds.made(new SessionId("call-7")))
        .isNotEqualTo(TraceIds.made(new SessionId("call-8")));
    assertThat(TraceIds.made(new SessionId(new UUID(0, 0).toString())))
        .isNotEqualTo("0".repeat(32));
  }
}
