package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;

class ApiSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "linescribe.api.max-message, 100B",
    "linescribe.api.max-sockets, 0",
    "linescribe.api.max-sockets-per-session, 0",
    "linescribe.api.keep-alive, 10ms",
    "linescribe.api.dead-after, 20s",
    "linescribe.api.close-within, 2m",
    "linescribe.api.idle-connection, 100ms",
    "linescribe.api.transcribe.answer-after, 61ms",
    "linescribe.api.transcribe.flush-after, 100ms",
    "linescribe.api.transcribe.finish-within, 0s"
  })
  void refusesToStartWithAWrongSettingAndNamesIt(String key, String value) {
    refusesToStart(key, value).hasStackTraceContaining(key + ": ");
  }

  private static AbstractThrowableAssert<?, ?> refusesToStart(String key, String value) {
    return assertThatThrownBy(
        () -> ApiServer.start(new FakeSessions(), Map.of(key, value)).close());
  }
}
