package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code config check} says of a file. */
class ConfigCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int check(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("settings.yaml"), yaml);
    return Linescribe.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute("config", "check", file.toString());
  }

  @Test
  void aSoundFileIsSound() throws Exception {
    assertThat(check("linescribe:\n  drain: 3s\n  http: 127.0.0.1:1\n"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("settings.yaml: sound; ").contains("differ");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'linescribe: {drain: 30m}',               linescribe.drain: 30m (expected: 0s to 5m)",
    "'linescribe: {dran: 3s}',                 linescribe.dran: unknown setting",
    "'linescribe: {http: nonsense}',           linescribe.http: 'nonsense' (expected: HOST:PORT",
    "'drain: 3s',                              drain: unknown setting (expected: linescribe.",
    "'linescribe: {api: {max-sockets: 0}}',    linescribe.api.max-sockets: 0 (expected:",
    "'linescribe: {api: {max-sockets: many}}', linescribe.api.max-sockets: 'many' (expected:",
    "'linescribe: {access: {mode: maybe}}',    linescribe.access.mode: 'maybe' (expected:",
    "'linescribe: {mysql: {url: x}}',          linescribe.mysql.url: expected jdbc:mysql://",
    "'linescribe: {recording: {encryption: {keys: c2hvcnQ=}}}',"
        + " 'linescribe.recording.encryption.keys, key 1: 5 bytes'",
    "'linescribe: {recording: {encryption: {keys-file: /none}}}',"
        + " linescribe.recording.encryption.keys-file:",
    "'linescribe: [',                          a settings file is not valid YAML",
    "'linescribe: {webhooks: {endpoints: [{name: a}]}}', linescribe.webhooks.endpoints.url: of a"
  })
  void aFaultIsNamedByItsKeyAndWhatWasExpected(String yaml, String message) throws Exception {
    assertThat(check(yaml)).isEqualTo(Linescribe.USAGE);
    assertThat(err.toString()).startsWith(folder.resolve("settings.yaml") + ": " + message);
    assertThat(out.toString()).isEmpty();
  }
}
