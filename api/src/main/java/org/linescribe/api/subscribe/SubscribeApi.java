package org.linescribe.api.subscribe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.Requests;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /ws/subscribe/{session_id}}. */
@ApiPackage
class SubscribeApi {
  @Bean
  WebSocketRoute subscribeRoute(
      Sessions sessions, BlockingCalls blockingCalls, JsonMapper json, MeterRegistry registry) {
    TranscriptJson transcript = new TranscriptJson(json);
    Counter ignored =
        Counter.builder("linescribe.api.subscribe.ignored")
            .description("Messages of readers, which have nothing to say")
            .register(registry);
    return new WebSocketRoute(
        "/ws/subscribe/{session_id}",
        peer -> connected(peer, sessions, blockingCalls, transcript, ignored));
  }

  private static WebSocketReceiver connected(
      WebSocketPeer peer,
      Sessions sessions,
      BlockingCalls blockingCalls,
      TranscriptJson transcript,
      Counter ignored) {
    String id = peer.request().pathVariable(Requests.SESSION_ID);
    if (!SessionId.isValid(id)) {
      peer.close(WebSocketClose.badRequest("session_id: expected " + SessionId.SYNTAX));
      return WebSocketReceiver.DISCARDING;
    }
    Optional<Long> fromSeq = fromSeq(peer.request().queryParameter("from_seq").orElse("1"));
    if (fromSeq.isEmpty()) {
      peer.close(WebSocketClose.badRequest("from_seq: expected a whole number from 1"));
      return WebSocketReceiver.DISCARDING;
    }
    boolean wait =
        peer.request().queryParameter("wait").filter(text -> !text.equals("false")).isPresent();
    SubscribeSocket socket = new SubscribeSocket(peer, transcript, ignored);
    blockingCalls.execute(
        () -> socket.begin(sessions, new SessionId(id), fromSeq.orElseThrow(), wait));
    return socket;
  }

  private static Optional<Long> fromSeq(String parameter) {
    try {
      return Optional.of(Long.parseLong(parameter)).filter(number -> number >= 1);
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }
}
