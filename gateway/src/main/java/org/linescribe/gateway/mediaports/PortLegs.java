package org.linescribe.gateway.mediaports;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.session.SessionSource;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;

/**
 * The ports of a session, one for each of its legs.
 *
 * <p>Thread: the session's event loop.
 */
final class PortLegs {
  private final MediaPortRequest request;
  private final List<PortLeg> legs = new ArrayList<>();

  PortLegs(MediaPortSource source, MediaPortRequest request, MediaPortMeters meters) {
    this.request = request;
    for (int leg = 0; leg < request.legs().size(); leg++) {
      legs.add(new PortLeg(source, leg, meters));
    }
  }

  /**
   * Binds a port for each leg; they do not receive yet. Thread: any.
   *
   * @return fails when a port is missing; nothing is left open then
   */
  CompletableFuture<List<RtpSession>> open(RtpEngine engine, EventLoop loop) {
    List<CompletableFuture<RtpSession>> opening = new ArrayList<>();
    for (PortLeg leg : legs) {
      opening.add(engine.open(loop, leg).toCompletableFuture());
    }
    return CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new))
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                opening.forEach(one -> one.thenAcceptAsync(RtpSession::close, loop));
              }
            })
        .thenApply(_ -> opening.stream().map(CompletableFuture::join).toList());
  }

  /**
   * @param ports in the order of the legs
   */
  void receive(List<RtpSession> ports) {
    for (int leg = 0; leg < legs.size(); leg++) {
      legs.get(leg).bound(ports.get(leg));
      ports.get(leg).receive(request.format().codec(), request.payloadTypes(), request.from());
    }
  }

  void attach(SessionSource opened) {
    legs.forEach(leg -> leg.attach(opened));
  }

  void pause(boolean on) {
    legs.forEach(leg -> leg.pause(on));
  }

  /** Flushes the jitter buffers and closes the ports. */
  void close() {
    legs.forEach(PortLeg::close);
  }

  /** Whether nothing comes at any of them. */
  boolean areSilent() {
    return legs.stream().allMatch(leg -> leg.rtp().isSilent());
  }

  /**
   * @param host where senders reach them
   */
  List<OpenMediaPorts.Port> ports(String host) {
    List<OpenMediaPorts.Port> ports = new ArrayList<>();
    for (int leg = 0; leg < legs.size(); leg++) {
      RtpSession rtp = legs.get(leg).rtp();
      ports.add(
          new OpenMediaPorts.Port(
              request.legs().get(leg), host, rtp.rtpPort(), rtp.summary().received()));
    }
    return ports;
  }

  /**
   * @param source that takes the audio; null where none does
   */
  List<LegQuality> quality(String codec, @Nullable SessionSource source) {
    List<LegQuality> quality = new ArrayList<>();
    for (int leg = 0; leg < legs.size(); leg++) {
      long backlogMs = source == null ? 0 : source.backlogMs(leg);
      quality.add(legs.get(leg).quality(request.legs().get(leg), codec, backlogMs));
    }
    return quality;
  }
}
