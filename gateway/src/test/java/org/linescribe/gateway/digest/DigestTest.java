package org.linescribe.gateway.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.digest.DigestServer.Verdict;

class DigestTest {
  private static final List<DigestAlgorithm> OFFERED =
      List.of(DigestAlgorithm.SHA_256, DigestAlgorithm.MD5);
  private static final long NOW_MS = 1_700_000_000_000L;
  private static final String URI = "sip:service@127.0.0.1";

  private final DigestServer server =
      new DigestServer(
          "linescribe",
          OFFERED,
          user -> user.equals("alice") ? Optional.of("secret") : Optional.empty());
  private final DigestClient alice = new DigestClient("alice", "secret");

  /** RFC 7616 §3.9.1: the examples for MD5 and SHA-256. */
  @Test
  void computesTheExamplesOfTheRfc() {
    DigestClient mufasa =
        new DigestClient(
            "Mufasa", "Circle of Life", () -> "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    String common =
        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\","
            + " nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\","
            + " opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", algorithm=";

    assertThat(mufasa.answer(List.of(common + "MD5"), "GET", "/dir/index.html", false))
        .hasValueSatisfying(
            header ->
                assertThat(header)
                    .contains("response=\"8ca523f5e9506fed4657c9700eebdbec\"", "nc=00000001"));
    DigestClient again =
        new DigestClient(
            "Mufasa", "Circle of Life", () -> "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    assertThat(again.answer(List.of(common + "SHA-256"), "GET", "/dir/index.html", false))
        .hasValueSatisfying(
            header ->
                assertThat(header)
                    .contains(
                        "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
  }

  private String answered(DigestClient client, boolean isRetry, long atMs) {
    return client.answer(server.challenges(atMs, isRetry), "INVITE", URI, isRetry).orElseThrow();
  }

  @Test
  void aRightAnswerIsAcceptedOnce() {
    String answer = answered(alice, false, NOW_MS);

    assertThat(server.verify(answer, "INVITE", NOW_MS))
        .isEqualTo(new DigestServer.Verified(Verdict.ACCEPTED, "alice"));
    assertThat(server.verify(answer, "INVITE", NOW_MS).verdict()).isEqualTo(Verdict.STALE);
    assertThat(server.verify(answer, "BYE", NOW_MS).verdict()).isEqualTo(Verdict.WRONG);
  }

  @Test
  void countsUpOnOneNonce() {
    List<String> challenges = server.challenges(NOW_MS, false);
    for (int i = 0; i < 3; i++) {
      String answer = alice.answer(challenges, "INVITE", URI, false).orElseThrow();
      assertThat(server.verify(answer, "INVITE", NOW_MS).verdict()).isEqualTo(Verdict.ACCEPTED);
    }
  }

  @Test
  void anOldNonceIsStaleAndTheClientTriesAgain() {
    String late = answered(alice, false, NOW_MS);
    assertThat(server.verify(late, "INVITE", NOW_MS + 301_000).verdict()).isEqualTo(Verdict.STALE);

    String fresh = answered(alice, true, NOW_MS + 301_000);
    assertThat(server.verify(fresh, "INVITE", NOW_MS + 301_000).verdict())
        .isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void aWrongPasswordOrUserIsWrongAndNotTriedAgain() {
    assertThat(
            server
                .verify(
                    answered(new DigestClient("alice", "guess"), false, NOW_MS), "INVITE", NOW_MS)
                .verdict())
        .isEqualTo(Verdict.WRONG);
    assertThat(
            server
                .verify(
                    answered(new DigestClient("mallory", "secret"), false, NOW_MS),
                    "INVITE",
                    NOW_MS)
                .verdict())
        .isEqualTo(Verdict.WRONG);
    assertThat(alice.answer(server.challenges(NOW_MS, false), "INVITE", URI, true)).isEmpty();
  }

  @Test
  void aNonceOfAnotherServerIsNeverFresh() {
    DigestServer other = new DigestServer("linescribe", OFFERED, user -> Optional.of("secret"));
    String answer =
        alice.answer(other.challenges(NOW_MS, false), "INVITE", URI, false).orElseThrow();

    assertThat(server.verify(answer, "INVITE", NOW_MS).verdict()).isEqualTo(Verdict.STALE);
  }

  @Test
  void aReplayStaysStaleThoughVeryManyNoncesCameSince() {
    String first = answered(alice, false, NOW_MS);
    assertThat(server.verify(first, "INVITE", NOW_MS).verdict()).isEqualTo(Verdict.ACCEPTED);
    for (int i = 0; i < 10_050; i++) {
      server.verify(answered(alice, false, NOW_MS + 1), "INVITE", NOW_MS + 1);
    }

    assertThat(server.verify(first, "INVITE", NOW_MS + 2).verdict()).isEqualTo(Verdict.STALE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic YWxpY2U6c2VjcmV0",
        "Digest",
        "Digest username",
        "Digest username=\"alice",
        "Digest username=\"a\" x, realm=\"linescribe\"",
        "Digest realm=\"other\", username=\"alice\"",
        "Digest realm=\"linescribe\", realm=\"linescribe\"",
      })
  void credentialsThatAreNoneAreAbsent(String header) {
    assertThat(server.verify(header, "INVITE", NOW_MS).verdict()).isEqualTo(Verdict.ABSENT);
  }

  @Test
  void damagedCredentialsAreNeverAcceptedAndNeverThrow() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String whole = answered(alice, false, NOW_MS);
    int response = whole.indexOf("response=\"") + 10;
    for (int round = 0; round < 5000; round++) {
      StringBuilder damaged = new StringBuilder(whole);
      int at = response + random.nextInt(64);
      char before = damaged.charAt(at);
      damaged.setCharAt(at, (char) (32 + random.nextInt(95)));
      damaged.setCharAt(random.nextInt(damaged.length()), (char) (32 + random.nextInt(95)));
      if (Character.toLowerCase(damaged.charAt(at)) != before) {
        assertThat(server.verify(damaged.toString(), "INVITE", NOW_MS).verdict())
            .as("seed " + seed)
            .isNotEqualTo(Verdict.ACCEPTED);
      }
    }
  }

  @Test
  void picksTheFirstChallengeThatItUnderstands() {
    List<String> challenges =
        List.of(
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA3-512, qop=\"auth\"",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256, qop=\"auth\"",
            "Digest realm=\"r\", nonce=\"n\"");

    assertThat(alice.answer(challenges, "REGISTER", URI, false))
        .hasValueSatisfying(header -> assertThat(header).contains("algorithm=SHA-512-256"));
    assertThat(alice.answer(challenges.subList(3, 4), "REGISTER", URI, false))
        .hasValueSatisfying(header -> assertThat(header).doesNotContain("qop", "cnonce"));
  }
}
