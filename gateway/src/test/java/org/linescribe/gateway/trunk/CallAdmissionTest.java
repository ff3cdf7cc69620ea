package org.linescribe.gateway.trunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.digest.DigestClient;
import org.linescribe.gateway.trunk.CallAdmission.Decision;
import org.linescribe.session.calls.TrunkStatus;
import org.linescribe.settings.SettingsDefaults;

class CallAdmissionTest {
  private static final long NOW_MS = 1_000_000;

  private static Trunk byAddress(String name, String network, int maxCalls, int perSecond) {
    return TestTrunk.of(
        name,
        Map.of("addresses", List.of(network), "maxCalls", maxCalls, "callsPerSecond", perSecond));
  }

  private static Trunk byPassword(String name) {
    return TestTrunk.of(name, Map.of("username", "alice", "password", "secret"));
  }

  private static Route route(String to, String from, String trunk, String language) {
    return new Route(to, from, trunk, language, null, null, null, null, null, null, null, null);
  }

  private static CallAdmission admission(List<Trunk> trunks, Route... routes) {
    return new CallAdmission(
        SettingsDefaults.of(
            LineSettings.class, Map.of("trunks", trunks, "routes", List.of(routes))));
  }

  private static CallAdmission.Caller caller(String address, String to, String... credentials) {
    return new CallAdmission.Caller(
        InetAddress.ofLiteral(address), "sip.example.com", to, "100", List.of(credentials));
  }

  private static Optional<String> language(Decision decision) {
    return ((Decision.Admitted) decision).route().wantedLanguage();
  }

  @Test
  void everybodyMayCallWhileNoTrunkIsConfigured() {
    assertThat(admission(List.of()).admit(caller("192.0.2.1", "1"), NOW_MS))
        .isEqualTo(
            new Decision.Admitted(
                Optional.empty(), Route.DEFAULT, Optional.empty(), ReferralTargets.NONE));
  }

  @Test
  void aTrunkIsToldByItsAddressAndOthersAreStrangers() {
    CallAdmission admission =
        admission(
            List.of(byAddress("a", "192.0.2.0/24", 0, 0), byAddress("b", "2001:db8::1", 0, 0)));

    assertThat(admission.admit(caller("192.0.2.200", "1"), NOW_MS))
        .isInstanceOfSatisfying(Decision.Admitted.class, a -> assertThat(a.trunk()).contains("a"));
    assertThat(admission.admit(caller("2001:db8::1", "1"), NOW_MS))
        .isInstanceOfSatisfying(Decision.Admitted.class, a -> assertThat(a.trunk()).contains("b"));
    assertThat(admission.admit(caller("198.51.100.1", "1"), NOW_MS))
        .isInstanceOf(Decision.Forbidden.class);
  }

  /** They are what the trunk calls here, often names of the gateway itself. */
  @Test
  void theDomainsOfATrunkAreNoTargetsOfItsTransfers() {
    Trunk trunk =
        TestTrunk.of(
            "a",
            Map.of(
                "addresses",
                List.of("192.0.2.0/24"),
                "domains",
                List.of("pbx.example.com"),
                "refer",
                Trunk.Refer.FOLLOW,
                "referTargets",
                List.of("sbc.example.com")));
    InetAddress caller = InetAddress.ofLiteral("192.0.2.1");

    assertThat(trunk.referralTargets().includes("pbx.example.com", caller)).isFalse();
    assertThat(trunk.referralTargets().includes("sbc.example.com", caller)).isTrue();
  }

  @Test
  void aTrunkIsToldByTheDomainThatItCalls() {
    CallAdmission admission =
        admission(
            List.of(
                TestTrunk.of("x", Map.of("domains", List.of("other.example"))),
                TestTrunk.of("y", Map.of("domains", List.of("SIP.Example.com")))));

    assertThat(admission.admit(caller("192.0.2.1", "1"), NOW_MS))
        .isInstanceOfSatisfying(Decision.Admitted.class, a -> assertThat(a.trunk()).contains("y"));
  }

  @Test
  void aTrunkWithCredentialsIsChallengedAndAdmittedOnce() {
    CallAdmission admission = admission(List.of(byPassword("phones")));
    Decision.Challenged challenged =
        (Decision.Challenged) admission.admit(caller("192.0.2.1", "1"), NOW_MS);
    assertThat(challenged.challenges())
        .hasSize(2)
        .first()
        .asString()
        .contains("algorithm=SHA-256", "qop=\"auth\"");

    String right =
        new DigestClient("alice", "secret")
            .answer(challenged.challenges(), "INVITE", "sip:1@x", false)
            .orElseThrow();
    assertThat(admission.admit(caller("192.0.2.1", "1", right), NOW_MS))
        .isInstanceOfSatisfying(
            Decision.Admitted.class, a -> assertThat(a.trunk()).contains("phones"));
    assertThat(admission.admit(caller("192.0.2.1", "1", right), NOW_MS))
        .isInstanceOfSatisfying(
            Decision.Challenged.class,
            again -> assertThat(again.challenges().getFirst()).contains("stale=true"));
    String wrong =
        new DigestClient("alice", "guess")
            .answer(challenged.challenges(), "INVITE", "sip:1@x", false)
            .orElseThrow();
    assertThat(admission.admit(caller("192.0.2.1", "1", wrong), NOW_MS))
        .isInstanceOf(Decision.Forbidden.class);
  }

  @Test
  void aTrunkHasSoManyCallsAtOnceAndGetsAPlaceBack() {
    CallAdmission admission = admission(List.of(byAddress("a", "192.0.2.0/24", 2, 0)));
    Decision first = admission.admit(caller("192.0.2.1", "1"), NOW_MS);
    admission.admit(caller("192.0.2.1", "1"), NOW_MS);

    assertThat(admission.admit(caller("192.0.2.1", "1"), NOW_MS)).isInstanceOf(Decision.Busy.class);
    assertThat(admission.trunks())
        .containsExactly(
            new TrunkStatus(
                "a",
                2,
                2,
                1,
                Optional.of(new TrunkStatus.Refusal(Instant.ofEpochMilli(NOW_MS), "max-calls")),
                Optional.empty()));
    admission.ended((Decision.Admitted) first);
    assertThat(admission.admit(caller("192.0.2.1", "1"), NOW_MS))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void aTrunkHasSoManyNewCallsInASecond() {
    CallAdmission admission = admission(List.of(byAddress("a", "192.0.2.0/24", 0, 5)));
    int admitted = 0;
    for (int ms = 0; ms <= 2000; ms += 10) {
      if (admission.admit(caller("192.0.2.1", "1"), NOW_MS + ms) instanceof Decision.Admitted) {
        admitted++;
      }
    }

    assertThat(admitted).isEqualTo(15);
    assertThat(admission.trunks().getFirst().lastRefusal().orElseThrow().reason())
        .isEqualTo("calls-per-second");
  }

  /** As when a time server corrects it: an hour of refused calls would be the price. */
  @Test
  void countsOnWhereTheWallClockIsSetBack() {
    CallAdmission admission = admission(List.of(byAddress("a", "192.0.2.1", 0, 2)));
    long hourBefore = NOW_MS - 3_600_000;
    assertThat(admission.admit(caller("192.0.2.1", "1"), NOW_MS))
        .isInstanceOf(Decision.Admitted.class);

    assertThat(admission.admit(caller("192.0.2.1", "1"), hourBefore))
        .isInstanceOf(Decision.Admitted.class);
    assertThat(admission.admit(caller("192.0.2.1", "1"), hourBefore))
        .isInstanceOf(Decision.Busy.class);
    assertThat(admission.admit(caller("192.0.2.1", "1"), hourBefore + 500))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void theFirstRuleThatMatchesCounts() {
    CallAdmission admission =
        admission(
            List.of(byAddress("a", "192.0.2.0/24", 0, 0), byAddress("b", "198.51.100.0/24", 0, 0)),
            route("+4930*", null, null, "de"),
            route("+49*", null, "b", "en"),
            route(null, "100", "a", "fr"),
            new Route("*", null, null, null, null, null, null, null, null, true, null, null));

    assertThat(language(admission.admit(caller("192.0.2.1", "+493012"), NOW_MS))).contains("de");
    assertThat(language(admission.admit(caller("198.51.100.1", "+498912"), NOW_MS))).contains("en");
    assertThat(language(admission.admit(caller("192.0.2.1", "+498912"), NOW_MS))).contains("fr");
    assertThat(admission.admit(caller("198.51.100.1", "+331"), NOW_MS))
        .isInstanceOf(Decision.Forbidden.class);
  }

  @ParameterizedTest
  @CsvSource({
    "+4930*,+493012345,true",
    "+4930*,+4930,true",
    "+4930*,+49301,true",
    "+4930*,+4931,false",
    "10?,100,true",
    "10?,1000,false",
    "*99,1299,true",
    "*99,12990,false",
    "*1*2,0102,true",
    "*1*2,0101,false",
    "a.c,abc,false",
    "**,x,true",
  })
  void patternsMeanWhatTheySay(String pattern, String text, boolean matches) {
    assertThat(route(pattern, null, null, null).matches(text, "", "")).isEqualTo(matches);
  }

  @Test
  void settingsThatMeanNothingAreRefusedByName() {
    assertThatThrownBy(() -> TestTrunk.of("a", Map.of()))
        .hasMessageContaining("linescribe.line.trunks.addresses")
        .hasMessageContaining("at least one of");
    assertThatThrownBy(() -> byAddress("a", "192.0.2.0/99", 0, 0))
        .hasMessageContaining("192.0.2.0/99");
    assertThatThrownBy(() -> TestTrunk.of("a", Map.of("username", "u")))
        .hasMessageContaining("either password or password-file");
    assertThatThrownBy(() -> admission(List.of(), route(null, null, "nobody", null)))
        .hasMessageContaining("'nobody'");
    assertThatThrownBy(
            () ->
                new Route(
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    Duration.ofMillis(1),
                    null,
                    null,
                    null,
                    null,
                    null))
        .hasMessageContaining("endpoint-silence");
    assertThat(byPassword("p").toString()).doesNotContain("secret");
  }
}
