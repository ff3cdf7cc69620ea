package org.linescribe.api.system;

import java.time.Instant;
import java.util.List;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.Authenticator;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.KeySummary;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.LineStatus;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Opens {@code /system}, {@code /system/addresses} and {@code /system/test-call}. */
@ApiPackage
class SystemApi {
  private static final ProgramDescription UNKNOWN =
      new ProgramDescription(
          "", Instant.EPOCH, 0, () -> ProgramDescription.Addresses.UNKNOWN, List::of);

  /**
   * @param maxSources 0 where nobody tells
   * @param capacity how many more calls fit
   * @param line of SIP
   */
  record SystemBody(
      String version,
      Instant startedAt,
      ProgramDescription.Addresses addresses,
      int maxSources,
      Capacity capacity,
      LineBody line,
      List<ProgramDescription.SettingInForce> settings,
      List<KeySummary> keys) {}

  @Bean
  RouterFunction<ServerResponse> systemRoutes(
      ObjectProvider<ProgramDescription> description,
      ObjectProvider<Authenticator> authenticator,
      Sessions sessions,
      ObjectProvider<LineStatus> line,
      ObjectProvider<TestCall> testCall,
      BlockingCalls blockingCalls) {
    TestCallRoute testCalls = new TestCallRoute(testCall, blockingCalls);
    return RouterFunctions.route()
        .GET(
            "/system",
            _ -> blockingCalls.answer(() -> body(description, authenticator, sessions, line)))
        .POST("/system/test-call", testCalls::answer)
        .GET("/system/addresses", _ -> addresses(description))
        .build();
  }

  /** Looks at every record of settings, which takes 0.1 s. */
  private static SystemBody body(
      ObjectProvider<ProgramDescription> description,
      ObjectProvider<Authenticator> authenticator,
      Sessions sessions,
      ObjectProvider<LineStatus> line) {
    LineStatus status = line.getIfAvailable(() -> LineStatus.NONE);
    ProgramDescription program = description.getIfAvailable(() -> UNKNOWN);
    return new SystemBody(
        program.version(),
        program.startedAt(),
        program.addresses().get(),
        program.maxSources(),
        Capacity.of(sessions.openSources(), sessions.sourceCapacity(), status),
        LineBody.of(status),
        program.settings().get(),
        authenticator.getIfAvailable(() -> Authenticator.OFF).keys());
  }

  private static Mono<ServerResponse> addresses(ObjectProvider<ProgramDescription> description) {
    return ServerResponse.ok()
        .bodyValue(description.getIfAvailable(() -> UNKNOWN).addresses().get());
  }
}
