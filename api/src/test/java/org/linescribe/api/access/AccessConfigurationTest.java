package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.http.HttpBindAddress;

class AccessConfigurationTest {
  private static final String HASH = "0f".repeat(32);

  private static AccessSettings settings(String mode, boolean withKey) {
    return new AccessSettings(
        mode,
        withKey
            ? List.of(new AccessSettings.Key("crm", HASH, null, null, null, Set.of()))
            : List.of(),
        10,
        10,
        10,
        List.of(),
        List.of(),
        false);
  }

  private static HttpBindAddress at(String address) throws UnknownHostException {
    return new HttpBindAddress(
        InetAddress.getByName(address), "linescribe.http: " + address + ":8000");
  }

  @ParameterizedTest
  @CsvSource({
    "auto,     127.0.0.1, false, false",
    "auto,     127.0.0.9, false, false",
    "auto,     ::1,       false, false",
    "auto,     127.0.0.1, true,  true",
    "auto,     0.0.0.0,   true,  true",
    "auto,     ::,        true,  true",
    "auto,     192.0.2.1, true,  true",
    "off,      0.0.0.0,   false, false",
    "false,    0.0.0.0,   true,  false",
    "required, 127.0.0.1, true,  true",
    "Required, 0.0.0.0,   true,  true"
  })
  void asksForAKeyByModeAndAddress(String mode, String address, boolean withKey, boolean required)
      throws UnknownHostException {
    assertThat(AccessConfiguration.isRequired(settings(mode, withKey), at(address)))
        .isEqualTo(required);
  }

  @ParameterizedTest
  @CsvSource({
    "auto,     0.0.0.0,   linescribe.http: 0.0.0.0:8000 can be reached from other machines",
    "auto,     ::,        linescribe.http: :::8000 can be reached from other machines",
    "required, 127.0.0.1, linescribe.access.mode is required"
  })
  void refusesToStartWithoutAKeyWhereOneIsAskedFor(String mode, String address, String why)
      throws UnknownHostException {
    HttpBindAddress bound = at(address);
    AccessSettings settings = settings(mode, false);
    assertThatThrownBy(() -> AccessConfiguration.isRequired(settings, bound))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("linescribe.access.keys: none (expected: at least one, as " + why)
        .hasMessageContaining("linescribe keys new")
        .hasMessageContaining("linescribe.access.mode=off");
  }

  @Test
  void refusesSettingsThatMeanNothing() {
    assertThatThrownBy(() -> settings("sometimes", false))
        .hasMessage("linescribe.access.mode: 'sometimes' (expected: auto, off or required)");
    assertThatThrownBy(() -> new AccessSettings.Key("a b", HASH, null, null, null, Set.of()))
        .hasMessageStartingWith("linescribe.access.keys.name: 'a b' (expected:");
    assertThatThrownBy(() -> new AccessSettings.Key("crm", HASH, 0, null, null, Set.of()))
        .hasMessageStartingWith("linescribe.access.keys.requests-per-second: 0 (expected:");
    for (String origin :
        List.of("crm.example", "https://crm.example/", "https://", "https://a/b")) {
      assertThatThrownBy(
              () ->
                  new AccessSettings("auto", List.of(), 1, 1, 1, List.of(origin), List.of(), false))
          .as(origin)
          .hasMessageStartingWith("linescribe.access.allowed-origins: '" + origin);
    }
    for (String host : List.of("http://pbx", "pbx:8000", "pbx/x", "", "a b")) {
      assertThatThrownBy(
              () -> new AccessSettings("auto", List.of(), 1, 1, 1, List.of(), List.of(host), false))
          .as(host)
          .hasMessageStartingWith("linescribe.access.hosts: '" + host);
    }
    AccessSettings.Key key = new AccessSettings.Key("crm", HASH, null, null, null, Set.of());
    assertThatThrownBy(
            () ->
                new AccessSettings("auto", List.of(key, key), 1, 1, 1, List.of(), List.of(), false))
        .hasMessageStartingWith("linescribe.access.keys: 'crm'");
  }

  @Test
  void doesNotRepeatAKeyThatStandsWhereItsHashShould() {
    assertThatThrownBy(() -> new AccessSettings.Key("crm", "ls_secret", null, null, null, Set.of()))
        .hasMessageStartingWith("linescribe.access.keys.sha256: of crm, 9 characters (expected:")
        .hasMessageNotContaining("ls_secret");
  }
}
