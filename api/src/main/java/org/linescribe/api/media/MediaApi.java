package org.linescribe.api.media;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.Viewer;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.MediaPorts;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Opens, shows and closes the media ports of a session.
 *
 * <p>Thread: event loops; the line is asked on virtual threads.
 */
@ApiPackage
class MediaApi {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final int MAX_LEGS = 8;
  private static final int MAX_PAYLOAD_TYPE = 127;

  /** With the marker bit these are RTCP's packet types, 192 to 223 (RFC 5761 §4). */
  private static final int FIRST_RTCP_TYPE = 64;

  private static final int LAST_RTCP_TYPE = 95;

  /** What a client asks for; everything has a default. */
  record Asked(
      @Nullable String format,
      @Nullable List<String> legs,
      @Nullable String from,
      @Nullable Integer payloadType,
      @Nullable String model,
      @Nullable String language,
      @Nullable String hotwords) {
    static final Asked NOTHING = new Asked(null, null, null, null, null, null, null);
  }

  /**
   * Where a leg's audio is sent.
   *
   * @param externalHost host and port as Asterisk's ExternalMedia takes them
   */
  record LegBody(String leg, String host, int port, String externalHost, long receivedPackets) {}

  /**
   * @param state "waiting" until the first audio comes, then "receiving"
   */
  record PortsBody(
      String sessionId,
      String format,
      List<Integer> payloadTypes,
      String state,
      List<LegBody> legs) {
    static PortsBody of(OpenMediaPorts open) {
      return new PortsBody(
          open.request().sessionId().value(),
          open.request().format().word(),
          open.request().payloadTypes(),
          open.receiving() ? "receiving" : "waiting",
          open.ports().stream()
              .map(
                  port ->
                      new LegBody(
                          port.leg(),
                          port.host(),
                          port.port(),
                          (port.host().contains(":") ? "[" + port.host() + "]" : port.host())
                              + ":"
                              + port.port(),
                          port.receivedPackets()))
              .toList());
    }
  }

  @Bean
  RouterFunction<ServerResponse> mediaPortRoutes(
      ObjectProvider<MediaPorts> ports, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .POST("/sessions/{session_id}/media", r -> open(r, line(ports), blockingCalls))
        .GET("/sessions/{session_id}/media", r -> find(r, line(ports), blockingCalls))
        .DELETE("/sessions/{session_id}/media", r -> close(r, line(ports), blockingCalls))
        .build();
  }

  private static MediaPorts line(ObjectProvider<MediaPorts> ports) {
    return ports.getIfAvailable(() -> MediaPorts.NONE);
  }

  private static Mono<ServerResponse> open(
      ServerRequest request, MediaPorts ports, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    return request
        .bodyToMono(Asked.class)
        .defaultIfEmpty(Asked.NOTHING)
        .map(asked -> wanted(id, asked, request))
        .flatMap(
            // To the end: ports that are open when the client is gone must be known to somebody.
            wanted -> blockingCalls.callToEnd(() -> open(wanted, request.attributes(), ports)))
        .flatMap(open -> ServerResponse.status(HttpStatus.CREATED).bodyValue(PortsBody.of(open)));
  }

  /** They stay open for their caller as a socket does, and take one of its permits. */
  private static OpenMediaPorts open(
      MediaPortRequest wanted, Map<String, Object> attributes, MediaPorts ports)
      throws SessionRefusedException {
    if (!(attributes.get(Caller.ATTRIBUTE) instanceof Caller caller)) {
      return ports.open(wanted, () -> {});
    }
    if (!caller.enter()) {
      throw RefusedRequestException.tooManyRequests(
          "Too many requests", Map.of("limit", "linescribe.access.max-open"), RETRY_AFTER);
    }
    boolean open = false;
    try {
      OpenMediaPorts opened = ports.open(wanted, caller::leave);
      open = true;
      return opened;
    } finally {
      if (!open) {
        caller.leave();
      }
    }
  }

  private static MediaPortRequest wanted(SessionId id, Asked asked, ServerRequest request) {
    Map<String, @Nullable String> recognition = new HashMap<>();
    recognition.put("model", asked.model());
    recognition.put("language", asked.language());
    recognition.put("hotwords", asked.hotwords());
    return new MediaPortRequest(
        id,
        Caller.nameIn(request.attributes()),
        format(asked.format()),
        payloadType(asked.payloadType()),
        legs(asked.legs()),
        Optional.ofNullable(asked.from()).map(MediaApi::host),
        RecognitionParameters.of(name -> Optional.ofNullable(recognition.get(name))),
        Optional.ofNullable(request.exchange().getRequest().getLocalAddress())
            .map(InetSocketAddress::getAddress)
            .orElseGet(InetAddress::getLoopbackAddress));
  }

  private static MediaFormat format(@Nullable String word) {
    return word == null
        ? MediaFormat.ULAW
        : MediaFormat.of(word)
            .orElseThrow(
                () ->
                    RefusedRequestException.badRequest(
                        "format: expected one of "
                            + Arrays.stream(MediaFormat.values())
                                .map(MediaFormat::word)
                                .collect(Collectors.joining(", "))));
  }

  private static OptionalInt payloadType(@Nullable Integer number) {
    if (number == null) {
      return OptionalInt.empty();
    }
    Requests.require(
        number >= 0 && number < FIRST_RTCP_TYPE
            || number > LAST_RTCP_TYPE && number <= MAX_PAYLOAD_TYPE,
        "payload_type: expected a whole number from 0 to 63 or from 96 to 127");
    return OptionalInt.of(number);
  }

  private static List<String> legs(@Nullable List<String> names) {
    if (names == null) {
      return List.of(SourceRequest.Leg.CALLER);
    }
    Requests.require(
        !names.isEmpty()
            && names.size() <= MAX_LEGS
            && names.stream().distinct().count() == names.size()
            && names.stream()
                .allMatch(name -> name != null && name.matches("[A-Za-z0-9._-]{1,32}")),
        "legs: expected 1 to "
            + MAX_LEGS
            + " names, each once, of 1 to 32 characters of A-Z a-z 0-9 . _ -");
    return names;
  }

  private static InetAddress host(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException noAddress) {
      throw RefusedRequestException.badRequest("from: expected an IP address");
    }
  }

  private static Mono<ServerResponse> find(
      ServerRequest request, MediaPorts ports, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    Viewer viewer = Viewer.of(request.attributes());
    return blockingCalls.answer(() -> PortsBody.of(seen(id, viewer, ports)));
  }

  private static Mono<ServerResponse> close(
      ServerRequest request, MediaPorts ports, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    Viewer viewer = Viewer.of(request.attributes());
    return blockingCalls
        .callToEnd(
            () -> {
              seen(id, viewer, ports);
              return ports.close(id);
            })
        .flatMap(_ -> ServerResponse.noContent().build());
  }

  private static OpenMediaPorts seen(SessionId id, Viewer viewer, MediaPorts ports) {
    return ports
        .find(id)
        .filter(open -> viewer.sees(open.request().owner()))
        .orElseThrow(() -> RefusedRequestException.notFound("The session has no media ports", id));
  }
}
