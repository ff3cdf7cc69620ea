package org.linescribe.api.system;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers {@code POST /system/test-call}, one at a time. */
final class TestCallRoute {
  private static final List<String> CREDENTIALS = List.of("Authorization", "X-API-Key", "Cookie");

  private final AtomicBoolean running = new AtomicBoolean();

  private final ObjectProvider<TestCall> testCall;
  private final BlockingCalls blockingCalls;

  TestCallRoute(ObjectProvider<TestCall> testCall, BlockingCalls blockingCalls) {
    this.testCall = testCall;
    this.blockingCalls = blockingCalls;
  }

  Mono<ServerResponse> answer(ServerRequest request) {
    Map<String, String> credentials = credentials(request);
    return blockingCalls.answer(() -> place(credentials));
  }

  private TestCall.Report place(Map<String, String> credentials)
      throws IOException, InterruptedException {
    TestCall caller = testCall.getIfAvailable();
    if (caller == null) {
      throw RefusedRequestException.conflict("There is no line that could be called");
    }
    if (!running.compareAndSet(false, true)) {
      throw RefusedRequestException.conflict("A test call is on: one at a time");
    }
    try {
      return caller.place(credentials);
    } finally {
      running.set(false);
    }
  }

  /** The transcript is read with the right of whoever asks. */
  private static Map<String, String> credentials(ServerRequest request) {
    Map<String, String> credentials = new HashMap<>();
    for (String name : CREDENTIALS) {
      String value = request.headers().firstHeader(name);
      if (value != null) {
        credentials.put(name, value);
      }
    }
    return credentials;
  }
}
