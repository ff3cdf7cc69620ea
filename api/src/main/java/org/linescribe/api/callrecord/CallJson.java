package org.linescribe.api.callrecord;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.calls.QualitySample;

/** The JSON of a call, open or ended. */
public final class CallJson {
  private CallJson() {}

  /**
   * The media of a leg during a stretch.
   *
   * @param atMs its end, from the call's start
   */
  public record SampleBody(long atMs, double mos, double lossPercent, double jitterMs) {
    static SampleBody of(QualitySample sample) {
      return new SampleBody(sample.atMs(), sample.mos(), sample.lossPercent(), sample.jitterMs());
    }
  }

  /**
   * The media of a leg.
   *
   * @param samples how it was over time; null in lists
   */
  public record LegBody(
      String leg,
      String codec,
      long receivedPackets,
      long lostPackets,
      long latePackets,
      long duplicatePackets,
      double lossPercent,
      double jitterMs,
      double mos,
      long backlogMs,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<SampleBody> samples) {
    static LegBody of(LegQuality leg, boolean history) {
      return new LegBody(
          leg.leg(),
          leg.codec(),
          leg.receivedPackets(),
          leg.lostPackets(),
          leg.latePackets(),
          leg.duplicatePackets(),
          rounded(leg.lossPercent()),
          rounded(leg.jitterMs()),
          leg.mos(),
          leg.backlogMs(),
          history ? leg.samples().stream().map(SampleBody::of).toList() : null);
    }

    private static double rounded(double value) {
      return Math.round(value * 100) / 100.0;
    }
  }

  /**
   * When the caller was told something before its transcript.
   *
   * @param endedAt null while it goes on, and of a call that ended in it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record AnnouncementBody(Instant startedAt, @Nullable Instant endedAt) {
    static @Nullable AnnouncementBody of(Optional<AnnouncementTimes> times) {
      return times
          .map(at -> new AnnouncementBody(at.startedAt(), at.endedAt().orElse(null)))
          .orElse(null);
    }
  }

  /**
   * A call, open or ended.
   *
   * @param state "ended" for a record
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CallBody(
      String sessionId,
      String callId,
      String kind,
      @Nullable String trunk,
      String from,
      String to,
      String transport,
      String state,
      Instant startedAt,
      @Nullable Instant answeredAt,
      @Nullable AnnouncementBody announcement,
      @Nullable Instant endedAt,
      @Nullable String outcome,
      @Nullable Boolean paused,
      @Nullable String recording,
      List<LegBody> legs) {
    /**
     * @param history whether with each leg's samples
     */
    public static CallBody of(OpenCall call, boolean history) {
      return new CallBody(
          call.sessionId().value(),
          call.callId(),
          call.kind(),
          call.trunk().orElse(null),
          call.from(),
          call.to(),
          call.transport(),
          call.state(),
          call.startedAt(),
          call.answeredAt().orElse(null),
          AnnouncementBody.of(call.announcement()),
          null,
          null,
          call.paused(),
          call.recording(),
          media(call.legs(), history));
    }

    /**
     * @param history whether with each leg's samples
     */
    public static CallBody of(CallRecord call, boolean history) {
      return new CallBody(
          call.sessionId().value(),
          call.callId(),
          call.kind(),
          call.trunk().orElse(null),
          call.from(),
          call.to(),
          call.transport(),
          "ended",
          call.startedAt(),
          call.answeredAt().orElse(null),
          AnnouncementBody.of(call.announcement()),
          call.endedAt(),
          call.outcome(),
          null,
          null,
          media(call.legs(), history));
    }
  }

  private static List<LegBody> media(List<LegQuality> legs, boolean history) {
    return legs.stream().map(leg -> LegBody.of(leg, history)).toList();
  }
}
