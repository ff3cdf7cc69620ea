package org.linescribe.gateway.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.sip.SipClient;
import org.linescribe.gateway.sip.SipReply;
import org.linescribe.settings.SettingsDefaults;

class RegistrationTest {
  private static final String CHALLENGE = "Digest realm=\"pbx\", nonce=\"n1\", qop=\"auth\"";
  private final Deque<SipReply> replies = new ArrayDeque<>();
  private final List<SipClient.Registration> sent = new ArrayList<>();
  private final Registration registration =
      new Registration(
          new Account("sip:pbx.example.com", "100", null, null, "secret", null, null),
          SettingsDefaults.of(
              RegistrationSettings.class,
              Map.of("retry", Duration.ofSeconds(4), "maxRetry", Duration.ofSeconds(60))),
          request -> {
            sent.add(request);
            return replies.size() > 1 ? replies.removeFirst() : replies.getFirst();
          });

  private static SipReply reply(int status, String... challenges) {
    return new SipReply(
        status, List.of(challenges), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static SipReply granted(int seconds) {
    return new SipReply(
        200,
        List.of(),
        Optional.of(Duration.ofSeconds(seconds)),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void registersAndComesBackBeforeTheBindingEnds() {
    replies.add(granted(3600));
    assertThat(registration.refresh()).isEqualTo(Duration.ofSeconds(3570));
    assertThat(registration.isRegistered()).isTrue();
    replies.clear();
    replies.add(granted(60));
    assertThat(registration.refresh()).isEqualTo(Duration.ofSeconds(45));

    assertThat(sent).extracting(SipClient.Registration::cseq).containsExactly(1L, 2L);
    assertThat(sent)
        .extracting(SipClient.Registration::callId)
        .containsOnly(sent.getFirst().callId());
    assertThat(sent.getFirst().domain()).isEqualTo("pbx.example.com");
    assertThat(sent.getFirst().expires()).isEqualTo(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 407})
  void answersTheChallengeOfARegistrarAndOfAProxy(int status) {
    replies.add(reply(status, CHALLENGE));
    replies.add(granted(600));

    registration.refresh();

    assertThat(registration.isRegistered()).isTrue();
    assertThat(sent.get(1).headers())
        .containsOnlyKeys(status == 401 ? "Authorization" : "Proxy-Authorization");
  }

  @Test
  void answersAStaleNonceAgain() {
    replies.add(reply(401, CHALLENGE));
    replies.add(reply(401, CHALLENGE.replace("n1", "n2") + ", stale=true"));
    replies.add(granted(600));

    registration.refresh();

    assertThat(registration.isRegistered()).isTrue();
    assertThat(sent.get(2).headers().get("Authorization")).contains("n2");
  }

  /** Another attempt at once would only lock the account. */
  @Test
  void aRefusedAccountWaitsTheLongestTime() {
    replies.add(reply(401, CHALLENGE));

    Duration wait = registration.refresh();

    assertThat(registration.isRegistered()).isFalse();
    assertThat(sent).hasSize(2);
    assertThat(wait).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  @Test
  void waitsLongerAfterEachFailureUpToTheLimit() {
    replies.add(reply(503));
    long[] expectedS = {4, 8, 16, 32, 60, 60};
    for (long limitS : expectedS) {
      assertThat(registration.refresh())
          .isBetween(Duration.ofSeconds(limitS / 2), Duration.ofSeconds(limitS));
    }
    replies.add(granted(600));
    replies.removeFirst();
    registration.refresh();
    replies.clear();
    replies.add(SipReply.none());
    assertThat(registration.refresh()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
  }

  @Test
  void waitsAsLongAsTheRegistrarSays() {
    replies.add(
        new SipReply(
            503, List.of(), Optional.empty(), Optional.empty(), Optional.of(Duration.ofHours(1))));

    assertThat(registration.refresh()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void asksForALongerIntervalWhenItsOwnIsTooBrief() {
    replies.add(
        new SipReply(
            423, List.of(), Optional.empty(), Optional.of(Duration.ofHours(1)), Optional.empty()));
    replies.add(granted(3600));

    registration.refresh();

    assertThat(sent.get(1).expires()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void aRegistrarThatChallengesForEverIsLeft() {
    replies.add(reply(401, CHALLENGE + ", stale=true"));

    registration.refresh();

    assertThat(sent).hasSize(5);
  }

  @Test
  void endsWhatStands() {
    replies.add(granted(600));
    registration.end();
    assertThat(sent).isEmpty();
    registration.refresh();
    registration.end();

    assertThat(sent.getLast().expires()).isZero();
    assertThat(registration.isRegistered()).isFalse();
  }

  @Test
  void accountsThatMeanNothingAreRefusedByName() {
    assertThatThrownBy(() -> new Account("pbx", "100", null, null, null, null, null))
        .hasMessageContaining("linescribe.registration.accounts.registrar: 'pbx'");
    assertThatThrownBy(() -> new Account("sip:pbx", "a b", null, null, null, null, null))
        .hasMessageContaining("user: 'a b'");
    assertThatThrownBy(
            () -> new Account("sip:pbx", "1", null, null, "p", null, Duration.ofSeconds(1)))
        .hasMessageContaining("expires");
    assertThatThrownBy(() -> new Account("sip:pbx", "1", null, null, null, "/no/such", null))
        .hasMessageContaining("/no/such");
    assertThat(new Account("sip:pbx", "1", null, null, "secret", null, null).toString())
        .doesNotContain("secret");
  }
}
