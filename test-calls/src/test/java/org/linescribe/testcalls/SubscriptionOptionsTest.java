package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class SubscriptionOptionsTest {
  @Command
  static final class Holder {
    @Mixin final SubscriptionOptions options = new SubscriptionOptions(null);
  }

  private static SubscriptionOptions of(String... arguments) {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(arguments);
    return holder.options;
  }

  @ParameterizedTest
  @CsvSource({
    "gw:8000, ws://gw:8000",
    "http://gw:8000, ws://gw:8000",
    "http://gw:8000/, ws://gw:8000",
    "ws://gw, ws://gw",
    "https://gw, wss://gw",
    "[::1]:8000, ws://[::1]:8000"
  })
  void httpIsAnAddressOrAUrl(String http, String expected) {
    assertThat(of("--http", http).addresses("sip:pbx:5060").apply("s"))
        .hasToString(expected + "/ws/subscribe/s");
  }

  @ParameterizedTest
  @CsvSource({"600ms, 600", "2s, 2000", "10s, 10000"})
  void endpointSilenceIsATimeAsAnyOther(String given, int ms) {
    assertThat(of("--endpoint-silence", given).endpointMs()).isEqualTo(ms);
    assertThat(of().endpointMs()).isEqualTo(800);
  }

  @ParameterizedTest
  @CsvSource({
    "800, --endpoint-silence: '800' (expected: a time such as 500ms; 30s or 5m)",
    "99ms, --endpoint-silence: 99ms (expected: 100ms to 10s)",
    "5m, --endpoint-silence: 5m (expected: 100ms to 10s)"
  })
  void anotherEndpointSilenceIsRefused(String given, String words) {
    assertThatThrownBy(() -> of("--endpoint-silence", given).endpointMs())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(words.replace(';', ','));
  }

  @Test
  void anotherUrlIsRefused() {
    assertThatThrownBy(() -> of("--http", "ftp://gw").addresses("sip:pbx:5060"))
        .hasMessage("--http ftp://gw: expected HOST:PORT or http://HOST:PORT");
  }
}
