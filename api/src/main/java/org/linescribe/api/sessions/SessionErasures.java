package org.linescribe.api.sessions;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.erasure.FleetErasure;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Erases sessions on every node, and tells which nodes have still to do it.
 *
 * @param erasure null in a program that erases nothing
 */
record SessionErasures(@Nullable FleetErasure erasure, BlockingCalls blockingCalls) {
  /** What was deleted here, and where it is done and still to be done. */
  record ErasedBody(
      String sessionId,
      long segments,
      int recordings,
      List<String> doneNodes,
      List<String> pendingNodes) {}

  /** Where an erasure is done and still to be done. */
  record ErasureBody(String sessionId, List<String> doneNodes, List<String> pendingNodes) {}

  Mono<ServerResponse> erase(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    boolean unended = Requests.flag(request, "unended", false);
    return outcome(
            id,
            () -> {
              try {
                return erasure == null ? Optional.empty() : erasure.erase(id, unended);
              } catch (SessionOpenException open) {
                throw RefusedRequestException.conflict(String.valueOf(open.getMessage()), id);
              }
            })
        .flatMap(
            outcome ->
                ServerResponse.ok()
                    .bodyValue(
                        new ErasedBody(
                            id.value(),
                            outcome.erased().segments(),
                            outcome.erased().recordings(),
                            outcome.done(),
                            outcome.pending())));
  }

  Mono<ServerResponse> state(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    return outcome(id, () -> erasure == null ? Optional.empty() : erasure.outcome(id))
        .flatMap(
            outcome ->
                ServerResponse.ok()
                    .bodyValue(new ErasureBody(id.value(), outcome.done(), outcome.pending())));
  }

  private Mono<FleetErasure.Outcome> outcome(
      SessionId id, Callable<Optional<FleetErasure.Outcome>> asked) {
    return blockingCalls.call(
        () -> asked.call().orElseThrow(() -> RefusedRequestException.sessionNotFound(id)));
  }
}
