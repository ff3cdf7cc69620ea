package org.linescribe.app.tracing;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;
import org.linescribe.session.tracing.SessionTraces;

/**
 * Sends the steps of sessions as spans: a span {@code session} from its first part's begin to its
 * last part's end, and the steps below it.
 *
 * <p>Thread: any. Source: OpenTelemetry Protocol 1.x over HTTP; W3C Trace Context.
 */
public final class OtlpTraces implements SessionTraces, AutoCloseable {
  private static final long CLOSE_S = 4;
  private static final TextMapGetter<String> HEADER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String header) {
          return List.of(SourceRequest.TRACE_PARENT);
        }

        @Override
        public @Nullable String get(@Nullable String header, String key) {
          return key.equals(SourceRequest.TRACE_PARENT) ? header : null;
        }
      };

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final Map<SessionId, Root> roots = new ConcurrentHashMap<>();

  /**
   * @param settings with a receiver
   * @param version of the program
   */
  public OtlpTraces(TracingSettings settings, String version, MeterRegistry meters) {
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.endpoint())
            .setTimeout(settings.timeout())
            .setConnectTimeout(settings.timeout());
    settings.headersByName().forEach(exporter::addHeader);
    Resource resource =
        Resource.getDefault()
            .merge(
                Resource.create(
                    Attributes.builder()
                        .put("service.name", settings.serviceName())
                        .put("service.version", version)
                        .build()));
    this.provider =
        SdkTracerProvider.builder()
            .setResource(resource)
            .setIdGenerator(new TraceIds())
            .setSampler(sampler(settings.sample()))
            .addSpanProcessor(
                new SpanQueue(
                    exporter.build(),
                    settings.receiver(),
                    settings.queue(),
                    settings.timeout(),
                    meters))
            .build();
    this.tracer = provider.get("org.linescribe");
  }

  /**
   * A client says that its trace is recorded, and its sessions are then a share as others are: it
   * may say so of all of them. Where it says that its trace is not recorded, none is.
   *
   * @param percent 0 to 100
   */
  static Sampler sampler(int percent) {
    Sampler share = new ShareOfSessions(percent);
    return Sampler.parentBasedBuilder(share).setRemoteParentSampled(share).build();
  }

  @Override
  public SessionTrace begin(SessionId sessionId, String kind, Optional<String> traceParent) {
    Root root =
        Objects.requireNonNull(
            roots.compute(
                sessionId,
                (_, open) -> {
                  Root now = open == null ? start(sessionId, kind, traceParent) : open;
                  now.parts++;
                  return now;
                }));
    return new Part(root);
  }

  private Root start(SessionId sessionId, String kind, Optional<String> traceParent) {
    Context parent =
        traceParent
            .map(h -> W3CTraceContextPropagator.getInstance().extract(Context.root(), h, HEADER))
            .orElseGet(Context::root);
    long nowNs = System.nanoTime();
    long epochNs = epochNs(Instant.now());
    SpanBuilder builder =
        tracer
            .spanBuilder("session")
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(epochNs, TimeUnit.NANOSECONDS)
            .setAttribute("session.id", sessionId.value())
            .setAttribute("linescribe.kind", kind);
    Span span = TraceIds.named(TraceIds.made(sessionId), builder::startSpan);
    if (span.isRecording()) {
      TraceIds.opened(sessionId, span.getSpanContext().getTraceId());
    }
    return new Root(sessionId, span, epochNs - nowNs);
  }

  private static long epochNs(Instant at) {
    return TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
  }

  private void leave(Root root, String outcome) {
    roots.computeIfPresent(
        root.sessionId,
        (_, open) -> {
          if (--open.parts > 0) {
            return open;
          }
          open.span.setAttribute("linescribe.outcome", outcome);
          open.span.end(open.epochOf(System.nanoTime()), TimeUnit.NANOSECONDS);
          TraceIds.closed(open.sessionId);
          return null;
        });
  }

  /** Sends what waits, for a short time. */
  @Override
  public void close() {
    provider.shutdown().join(CLOSE_S, TimeUnit.SECONDS);
  }

  /** What the parts of a session that overlap have in common. */
  private static final class Root {
    final SessionId sessionId;
    final Span span;
    private final long epochOffsetNs;

    /** Under the map's lock of its session. */
    int parts;

    Root(SessionId sessionId, Span span, long epochOffsetNs) {
      this.sessionId = sessionId;
      this.span = span;
      this.epochOffsetNs = epochOffsetNs;
    }

    long epochOf(long ns) {
      return epochOffsetNs + ns;
    }
  }

  private final class Part implements SessionTrace {
    private final Root root;
    private final AtomicBoolean ended = new AtomicBoolean();

    Part(Root root) {
      this.root = root;
    }

    @Override
    public boolean isRecorded() {
      return root.span.isRecording();
    }

    @Override
    public void step(SessionStep step, long startNs, long endNs) {
      if (!isRecorded()) {
        return;
      }
      SpanBuilder builder =
          tracer
              .spanBuilder(name(step))
              .setParent(Context.root().with(root.span))
              .setStartTimestamp(root.epochOf(startNs), TimeUnit.NANOSECONDS);
      Span span = builder.startSpan();
      describe(step, span);
      span.end(root.epochOf(endNs), TimeUnit.NANOSECONDS);
    }

    @Override
    public void end(String outcome) {
      if (ended.compareAndSet(false, true)) {
        leave(root, outcome);
      }
    }
  }

  private static String name(SessionStep step) {
    return switch (step) {
      case SessionStep.CallSetUp _ -> "call set-up";
      case SessionStep.Opened _ -> "open";
      case SessionStep.Decoded _ -> "decode";
      case SessionStep.Stored _ -> "store";
      case SessionStep.Announced _ -> "announce";
    };
  }

  private static void describe(SessionStep step, Span span) {
    switch (step) {
      case SessionStep.CallSetUp call -> {
        span.setAttribute("linescribe.outcome", call.outcome());
        if (!call.answered() && !call.outcome().equals("cancel")) {
          span.setStatus(StatusCode.ERROR);
        }
      }
      case SessionStep.Opened opened -> {
        span.setAttribute("linescribe.legs", opened.legs());
        if (opened.refusal().isPresent()) {
          span.setAttribute("linescribe.refusal", opened.refusal().get());
          span.setStatus(StatusCode.ERROR);
        } else {
          span.setAttribute("linescribe.model", opened.model());
        }
      }
      case SessionStep.Decoded decoded -> {
        span.setAttribute("linescribe.leg", decoded.leg());
        span.setAttribute("linescribe.model", decoded.model());
        span.setAttribute("linescribe.start_ms", decoded.startMs());
        span.setAttribute("linescribe.end_ms", decoded.endMs());
        span.setAttribute("linescribe.lag_ms", decoded.lagMs());
      }
      case SessionStep.Stored stored -> {
        span.setAttribute("linescribe.seq", stored.seq());
        if (!stored.kept()) {
          span.setStatus(StatusCode.ERROR);
        }
      }
      case SessionStep.Announced announced -> span.setAttribute("linescribe.seq", announced.seq());
    }
  }
}
