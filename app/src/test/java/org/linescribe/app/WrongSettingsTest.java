package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What an operator is told whose settings are wrong; ServeProcessTest has the program around it.
 */
final class WrongSettingsTest {
  @TempDir Path data;

  @ParameterizedTest
  @CsvSource({
    "linescribe.sip.bind=nonsense,             linescribe.sip.bind: 'nonsense' (expected:"
        + " HOST:PORT",
    "linescribe.sip.bnid=127.0.0.1:0,          linescribe.sip.bnid: unknown setting",
    "session.endpoint-silence=600ms,           session.endpoint-silence: unknown setting (expected:"
        + " linescribe.",
    "linescribe.data=,                         linescribe.data: '' (expected: a folder",
    "linescribe.files.directory=/proc/no,      linescribe.files.directory: '/proc/no' (expected: a"
        + " folder",
    "linescribe.drain=10m,                     linescribe.drain: 10m (expected:",
    "linescribe.asr.max-batch=0,               linescribe.asr.max-batch: 0 (expected: 1 to 256",
    "linescribe.asr.max-batch=many,            linescribe.asr.max-batch: 'many' (expected: a whole"
        + " number)",
    "linescribe.session.max-sources=0,         linescribe.session.max-sources: 0 (expected:",
    "linescribe.session.idle-time=soon,        linescribe.session.idle-time: 'soon' (expected: a"
        + " duration",
    "linescribe.api.max-sockets=0,             linescribe.api.max-sockets: 0 (expected:",
    "linescribe.http=127.0.0.1:99999,          linescribe.http: '127.0.0.1:99999' (expected:"
        + " HOST:PORT",
    "linescribe.model.name=no-such-model,      linescribe.model.name: 'no-such-model'",
    "linescribe.mysql.url=postgres://x,        linescribe.mysql.url: expected jdbc:mysql://",
    "linescribe.redis.url=http://x,            linescribe.redis.url: ",
    "linescribe.access.mode=sometimes,       linescribe.access.mode: 'sometimes' (expected: auto",
    "linescribe.access.burst=0,              linescribe.access.burst: 0 (expected: 1 to 1000000)",
    "linescribe.access.mod=off,              linescribe.access.mod: unknown setting",
    "linescribe.access.keys[0].name=crm,     linescribe.access.keys.sha256: of crm",
    "linescribe.access.allowed-origins=crm,  linescribe.access.allowed-origins: 'crm' (expected:"
  })
  void aWrongSettingIsRefusedByItsKeyItsValueAndWhatWasExpected(String setting, String message) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("linescribe.http", "127.0.0.1:0");
    settings.put("linescribe.sip.bind", "127.0.0.1:0");
    settings.put("linescribe.data", data.toString());
    int equals = setting.indexOf('=');
    settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    String[] arguments =
        settings.entrySet().stream()
            .map(one -> "--" + one.getKey() + "=" + one.getValue())
            .toArray(String[]::new);

    Throwable failure = catchThrowable(() -> RunningGateway.application().run(arguments).close());

    assertThat(failure).isNotNull();
    assertThat(StartFailureReporter.usersFault(failure))
        .hasValueSatisfying(words -> assertThat(words).startsWith(message));
  }
}
