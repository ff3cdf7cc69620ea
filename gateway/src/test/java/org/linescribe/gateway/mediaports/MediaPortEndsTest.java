package org.linescribe.gateway.mediaports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;

/** Ends of media ports, and ports that are refused. */
class MediaPortEndsTest extends RealMediaPorts {
  @Test
  void portsToWhichNothingComesThatCanBeDecodedAreClosed() throws Exception {
    RtpMediaPorts ports = ports(Map.of("timeout", Duration.ofSeconds(1)));
    OpenMediaPorts opened = open(ports, request(MediaFormat.SLIN16));
    UnicastRtp tooLong = sender("127.0.0.1", opened, 0, ONE, 11);

    await()
        .until(
            () -> {
              tooLong.send(0);
              return ports.find(opened.request().sessionId()).isEmpty();
            });

    assertThat(ends).hasValue(1);
    assertThat(sessions.isKnown(opened.request().sessionId())).isFalse();
    assertThat(meters.counter("linescribe.media.ports.unused").count()).isEqualTo(1);
  }

  /** Sessions let the newest source win, which must be that of the newest ports. */
  @Test
  void olderPortsWhoseSessionIsOnlyOpeningDoNotEndTheNewerOnes() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch disk = new CountDownLatch(1);
    AtomicInteger opened = new AtomicInteger();
    Sessions slow =
        (Sessions)
            Proxy.newProxyInstance(
                Sessions.class.getClassLoader(),
                new Class<?>[] {Sessions.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("open") && opened.getAndIncrement() == 0) {
                    opening.countDown();
                    disk.await();
                  }
                  return method.invoke(sessions, arguments);
                });
    RtpMediaPorts ports = ports(Map.of(), slow);
    MediaPortRequest request = request(MediaFormat.ULAW);
    UnicastRtp older = sender("127.0.0.1", open(ports, request), 0, OTHER);
    for (int n = 0; n < 5; n++) {
      older.send(n);
    }
    opening.await();
    OpenMediaPorts newer = open(ports, request);
    UnicastRtp sender = sender("127.0.0.1", newer, 0, ONE);
    sender.send(0);
    sender.send(1);
    await().until(() -> ports.find(request.sessionId()).orElseThrow().receiving());

    disk.countDown();
    await().until(() -> ends.get() == 1 && opened.get() == 2);
    UnicastRtp.play(sender);
    assertThat(ports.close(request.sessionId())).as("still open").isTrue();

    assertThat(ended(request.sessionId()).endReason()).hasValue("closed");
    assertThat(ONE.errors(text(request.sessionId(), "caller"))).isLessThanOrEqualTo(1);
  }

  @Test
  void portsToWhichNothingComesAreClosedAndASessionThatFallsSilentEnds() throws Exception {
    Duration timeout = Duration.ofMinutes(10);
    RtpMediaPorts ports = ports(Map.of("timeout", timeout));
    OpenMediaPorts unused = open(ports, request(MediaFormat.ULAW));
    OpenMediaPorts used = open(ports, request(MediaFormat.ULAW, "caller", "callee"));
    SessionId id = used.request().sessionId();

    UnicastRtp sender = sender("127.0.0.1", used, 0, ONE);
    UnicastRtp.play(sender);
    // All but the first, which alone proves no source.
    await()
        .until(
            () ->
                ports.find(id).orElseThrow().ports().getFirst().receivedPackets()
                    == sender.packets() - 1);
    skippedTime.set(timeout.plusSeconds(1));

    assertThat(ended(id).endReason()).hasValue("rtp-timeout");
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    await().until(() -> ends.get() == 2);
    assertThat(ports.find(unused.request().sessionId())).isEmpty();
    assertThat(sessions.isKnown(unused.request().sessionId())).isFalse();
    assertThat(meters.counter("linescribe.media.ports.unused").count()).isEqualTo(1);
  }

  private SessionRefusedException refusal(RtpMediaPorts ports, MediaPortRequest request) {
    return catchThrowableOfType(SessionRefusedException.class, () -> open(ports, request));
  }

  @Test
  void theNewestPortsOfAnOwnerWinAndAnothersAreRefused() throws Exception {
    RtpMediaPorts ports = ports();
    MediaPortRequest request = request(MediaFormat.ULAW);
    OpenMediaPorts older = open(ports, request);
    assertThat(refusal(ports, of(request, "another", null)).reason()).isEqualTo(Reason.CONFLICT);
    assertThat(ports.find(request.sessionId())).contains(older);

    OpenMediaPorts newer = open(ports, request);
    await().until(() -> ends.get() == 1);
    assertThat(newer.ports().getFirst().port()).isNotEqualTo(older.ports().getFirst().port());
    assertThat(ports.find(request.sessionId())).contains(newer);
  }

  @Test
  void aSessionThatAnotherSourceHasOrHadIsRefused() throws Exception {
    RtpMediaPorts ports = ports();
    MediaPortRequest request = request(MediaFormat.ULAW);
    var source =
        sessions.open(
            new SourceRequest(
                request.sessionId(),
                "websocket",
                Optional.of("pbx"),
                List.of(new SourceRequest.Leg("caller", 8000)),
                RecognitionRequest.DEFAULT,
                Map.of()),
            new SourceListener() {
              @Override
              public void onEvent(TranscriptEvent event) {}

              @Override
              public void onClosed(SourceClosed reason) {}
            });
    assertThat(refusal(ports, request).reason()).as("open").isEqualTo(Reason.CONFLICT);
    source.end("done").toCompletableFuture().join();
    ended(request.sessionId());
    assertThat(refusal(ports, of(request, "another", null)).reason())
        .as("another's")
        .isEqualTo(Reason.CONFLICT);
    await().until(() -> !sessions.isLive(request.sessionId()));
    assertThat(open(ports, request).receiving()).as("goes on").isFalse();
  }

  @Test
  void whatIsNotServedIsRefusedAtOnce() {
    RtpMediaPorts ports = ports();
    MediaPortRequest like = request(MediaFormat.ULAW);
    MediaPortRequest unknown =
        new MediaPortRequest(
            like.sessionId(),
            like.owner(),
            like.format(),
            like.payloadType(),
            like.legs(),
            like.from(),
            RecognitionRequest.DEFAULT.withModel(Optional.of("no-such-model")),
            LOOPBACK);
    assertThat(refusal(ports, unknown).reason()).isEqualTo(Reason.UNSUPPORTED);
    RtpMediaPorts idle =
        new RtpMediaPorts(
            RtpSettings.on("0"), sessions, new SimpleMeterRegistry(), Clock.systemUTC());
    assertThat(refusal(idle, like).reason()).as("no line").isEqualTo(Reason.DRAINING);
  }

  @Test
  void atTheStopOpenSessionsEndAndNoPortOpens() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts used = open(ports, request(MediaFormat.ULAW));
    open(ports, request(MediaFormat.ULAW));
    UnicastRtp.play(sender("127.0.0.1", used, 0, ONE));

    ports.close(Duration.ofSeconds(60));

    SessionId id = used.request().sessionId();
    assertThat(ended(id).endReason()).hasValue("draining");
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(ends).hasValue(2);
    assertThat(refusal(ports, request(MediaFormat.ULAW)).reason()).isEqualTo(Reason.DRAINING);
  }
}
