package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.HttpAnswers;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;
import picocli.CommandLine;

class KeysCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new KeysCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private String after(String label) {
    return out.toString()
        .lines()
        .filter(line -> line.startsWith(label))
        .map(line -> line.substring(label.length()).strip())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theKeyThatItShowsOpensAGatewayWithTheSettingThatItShows() throws Exception {
    assertThat(run("new", "crm")).isZero();
    String key = after("key:");
    assertThat(HexFormat.of().formatHex(ApiKey.sha256(key))).isEqualTo(after("sha256:"));
    String text = out.toString();
    String yaml = text.substring(text.indexOf("linescribe:"), text.indexOf("The caller sends"));
    EnumerablePropertySource<?> settings =
        (EnumerablePropertySource<?>)
            new YamlPropertySourceLoader()
                .load("shown", new ByteArrayResource(yaml.getBytes("UTF-8")))
                .getFirst();
    Map<String, Object> properties = new TreeMap<>();
    for (String name : settings.getPropertyNames()) {
      properties.put(name, String.valueOf(settings.getProperty(name)));
    }
    try (ApiServer server = ApiServer.start(new FakeSessions(), properties)) {
      assertThat(HttpAnswers.get(server.http("/sessions")).statusCode()).isEqualTo(401);
      assertThat(HttpAnswers.get(server.http("/sessions"), "X-API-Key", key).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void everyKeyIsAnother() {
    run("new");
    String first = after("key:");
    out.getBuffer().setLength(0);
    run("new");
    assertThat(List.of(first, after("key:")))
        .doesNotHaveDuplicates()
        .allMatch(KeysCommandTest::isKey);
  }

  private static boolean isKey(String key) {
    return key.matches("ls_[A-Za-z0-9_-]{43}");
  }

  @Test
  void refusesANameThatTheSettingsWouldRefuse() {
    assertThat(run("new", "two words")).isEqualTo(2);
    assertThat(err.toString()).contains("expected: 1 to 64 of");
    assertThat(out.toString()).doesNotContain("ls_");
  }
}
