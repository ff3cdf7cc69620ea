package org.linescribe.api.http;

import java.util.Optional;
import org.linescribe.session.SourceRequest;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Where the audio of a request comes from.
 *
 * @param owner see {@link SourceRequest#owner}
 * @param traceParent see {@link SourceRequest#traceParent}
 */
public record RequestOrigin(Optional<String> owner, Optional<String> traceParent) {
  public static RequestOrigin of(ServerRequest request) {
    return new RequestOrigin(
        Caller.nameIn(request.attributes()),
        Optional.ofNullable(request.headers().firstHeader(SourceRequest.TRACE_PARENT)));
  }
}
