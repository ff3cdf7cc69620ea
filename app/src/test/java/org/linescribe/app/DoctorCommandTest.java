package org.linescribe.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.app.DoctorCommand.Finding;
import org.linescribe.app.DoctorCommand.Verdict;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingFiles;
import org.linescribe.testsupport.servers.SharedMariaDb;

/** What {@code doctor} finds on this machine. */
class DoctorCommandTest {
  @TempDir Path data;

  private List<Finding> findings(String... more) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("data", data.toString());
    settings.put("http", "127.0.0.1:0");
    settings.put("sip.bind", "127.0.0.1:0");
    settings.put("rtp.ports", "0");
    for (String one : more) {
      settings.put(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
    }
    return new MachineChecks(
            CheckedSettings.of(
                settings.entrySet().stream()
                    .map(one -> "--linescribe." + one.getKey() + "=" + one.getValue())
                    .toList()))
        .all();
  }

  private static Finding of(List<Finding> findings, String what) {
    return findings.stream().filter(f -> f.what().equals(what)).findFirst().orElseThrow();
  }

  @Test
  void findsNothingWrongWhereNothingIs() {
    List<Finding> findings = findings();
    assertThat(findings).allMatch(finding -> finding.verdict() == Verdict.OK);
    assertThat(of(findings, "model").found()).contains("moonshine-tiny-en", "streams per core");
  }

  @Test
  void runsFfmpegAndSaysWhichClockItComparedWith() {
    List<Finding> findings =
        findings(
            "mysql.url=" + SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase()),
            "mysql.user=root");
    assertThat(of(findings, "ffmpeg").found()).matches("\\S+ runs");
    assertThat(of(findings, "database").verdict()).isEqualTo(Verdict.OK);
    assertThat(of(findings, "clock").verdict()).isEqualTo(Verdict.OK);
    assertThat(of(findings, "clock").found()).endsWith(" ms from the database's");
    assertThat(of(findings(), "clock").found()).contains("compared with nothing");
  }

  @Test
  void warnsOfAClockThatIsMoreThanTwoSecondsOff() {
    Instant before = Instant.parse("2026-11-30T12:00:00Z");
    Instant after = before.plusMillis(500);
    assertThat(ClockCheck.against("it", before.minusSeconds(2), before, after).verdict())
        .isEqualTo(Verdict.OK);
    Finding ahead = ClockCheck.against("it", before.minusMillis(2001), before, after);
    assertThat(ahead.verdict()).isEqualTo(Verdict.WARNING);
    assertThat(ahead.found()).isEqualTo("ahead, 2001 ms from it");
    assertThat(ClockCheck.against("it", after.plusMillis(2500), before, after).found())
        .isEqualTo("behind, 2500 ms from it");
  }

  @Test
  void namesPortsOfMediaAndAProgramThatCannotBeHad() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (DatagramSocket rtp = new DatagramSocket(0, loopback);
        ServerSocket audioSocket = new ServerSocket(0, 1, loopback)) {
      int even = rtp.getLocalPort() & ~1;
      List<Finding> findings =
          findings(
              "rtp.ports=" + even + "-" + (even + 1),
              "audiosocket.bind=127.0.0.1:" + audioSocket.getLocalPort(),
              "ffmpeg.binary=" + data.resolve("none"));
      assertThat(of(findings, "rtp").verdict()).isNotEqualTo(Verdict.OK);
      assertThat(of(findings, "rtp").found()).contains(String.valueOf(rtp.getLocalPort()));
      assertThat(of(findings, "audiosocket").verdict()).isEqualTo(Verdict.WRONG);
      assertThat(of(findings, "ffmpeg").verdict()).isEqualTo(Verdict.WRONG);
    }
  }

  @Test
  void bindsNoMediaPortWhereAGatewayMayBeRunning() throws Exception {
    try (ServerSocket sip = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DatagramSocket rtp = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      int even = rtp.getLocalPort() & ~1;
      List<Finding> findings =
          findings(
              "sip.bind=127.0.0.1:" + sip.getLocalPort(), "rtp.ports=" + even + "-" + (even + 1));
      assertThat(of(findings, "sip").verdict()).isEqualTo(Verdict.WRONG);
      assertThat(of(findings, "rtp").verdict()).isEqualTo(Verdict.WARNING);
      assertThat(of(findings, "rtp").found()).contains("not checked").doesNotContain("bound");
    }
  }

  @Test
  void tellsThatTheModelRunsInWorkerProcesses() {
    assertThat(of(findings("asr.workers=2"), "model").found())
        .startsWith("moonshine-tiny-en takes ")
        .endsWith("; it runs in 2 worker processes");
  }

  @Test
  void saysWhatIsWrongAndWhatToDo() throws Exception {
    Path file = Files.createFile(data.resolve("no-folder"));
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Finding> findings =
          findings(
              "data=" + file,
              "http=127.0.0.1:" + taken.getLocalPort(),
              "sip.bind=0.0.0.0:0",
              "model.dir=" + data,
              "redis.url=redis://127.0.0.1:1");

      assertThat(findings.stream().filter(f -> f.verdict() == Verdict.WRONG).map(Finding::what))
          .containsExactly("data", "http", "redis", "model");
      assertThat(findings)
          .filteredOn(finding -> finding.verdict() != Verdict.OK)
          .allMatch(finding -> !finding.remedy().isEmpty());
      assertThat(of(findings, "address").verdict()).isEqualTo(Verdict.WARNING);
    }
  }

  @Test
  void namesKeysThatRecordingsNeedAndThatAreMissing() throws Exception {
    String first = Base64.getEncoder().encodeToString(new byte[32]);
    String second = Base64.getEncoder().encodeToString("2".repeat(32).getBytes(UTF_8));
    Settings settings = CheckedSettings.of(List.of()).settings();
    assertThat(RecordingChecks.keys(settings, data.toString())).isEmpty();
    Path folder = Files.createDirectories(data.resolve("call-recordings"));
    EncryptionKeys keys = EncryptionKeys.of(new EncryptionSettings(first, ""));
    new RecordingFiles(keys).create(folder.resolve("a.wav"), new AudioShape(8000, 1)).close();

    assertThat(withKeys(second))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Verdict.WRONG);
              assertThat(finding.found()).endsWith("1 need key " + keys.ids().getFirst());
            });
    assertThat(withKeys(second + "," + first))
        .hasValueSatisfying(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.OK));
    assertThat(RecordingChecks.keys(settings, data.toString()))
        .hasValueSatisfying(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.WRONG));
  }

  @Test
  void countsRecordingsThatAreDamaged() throws Exception {
    Path folder = Files.createDirectories(data.resolve("call-recordings"));
    Files.writeString(folder.resolve("a.wav"), "LSCRYPT1 and no more");

    assertThat(withKeys(Base64.getEncoder().encodeToString(new byte[32])))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Verdict.WRONG);
              assertThat(finding.found()).endsWith("changed or cut off: 1");
            });
  }

  private Optional<Finding> withKeys(String keys) {
    return RecordingChecks.keys(
        CheckedSettings.of(List.of("--linescribe.recording.encryption.keys=" + keys)).settings(),
        data.toString());
  }

  @Test
  void asksForAKeyWhereOthersReachHttp() {
    assertThat(of(findings("http=0.0.0.0:0"), "keys").verdict()).isEqualTo(Verdict.WRONG);
    assertThat(of(findings("http=0.0.0.0:0", "access.mode=off"), "keys").verdict())
        .isEqualTo(Verdict.WARNING);
  }
}
