package org.linescribe.gateway.call;

import static org.awaitility.Awaitility.await;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A real Linphone without a sound card, by the commands of its console ({@code linphonec}).
 *
 * <p>Thread: one.
 */
final class LinphoneCaller implements AutoCloseable {
  /** All that it has: what its configuration does not name is offered. */
  private static final List<String> CODECS =
      List.of(
          "PCMU/8000/1",
          "PCMA/8000/1",
          "G722/8000/1",
          "opus/48000/2",
          "speex/8000/1",
          "speex/16000/1",
          "speex/32000/1",
          "GSM/8000/1",
          "BV16/8000/1",
          "L16/44100/1",
          "L16/44100/2");

  private final Process process;
  private final BufferedWriter console;
  private final Path output;

  /**
   * @param work takes its configuration and output
   * @param codec as in {@code a=rtpmap}, the only one that it offers
   * @param encryption none, srtp or dtls
   */
  LinphoneCaller(Path work, String codec, String encryption) throws IOException {
    this(work, configuration(codec, encryption, ""));
  }

  /** One in PCMU that knows a password for our realm, for the digest of that algorithm. */
  static LinphoneCaller withPassword(Path work, String user, String password, String algorithm)
      throws IOException {
    String contact = "contact=\"" + user + "\" <sip:" + user + "@127.0.0.1>\n";
    return new LinphoneCaller(
        work,
        configuration("PCMU/8000/1", "none", contact)
            + ("[auth_info_0]\nusername=" + user + "\npasswd=" + password)
            + ("\nrealm=linescribe\nalgorithm=" + algorithm + "\n"));
  }

  private LinphoneCaller(Path work, String text) throws IOException {
    Path home = Files.createTempDirectory(work, "linphone");
    Files.createDirectories(home.resolve(".local/share/linphone"));
    Path configuration = home.resolve("rc");
    Files.writeString(configuration, text);
    output = home.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder("linphonec", "-c", configuration.toString(), "-d", "0")
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("HOME", home.toString());
    // PulseAudio's library makes a folder there, and leaves it.
    builder.environment().put("TMPDIR", home.toString());
    process = builder.start();
    console = process.outputWriter(StandardCharsets.UTF_8);
    say("soundcard use files");
  }

  /**
   * @param sip more lines of its section for SIP
   */
  private static String configuration(String codec, String encryption, String sip) {
    StringBuilder text = new StringBuilder();
    // -1: a free port; 0: not used.
    text.append("[sip]\nsip_port=-1\nsip_tcp_port=-1\nsip_tls_port=-1\nverify_server_certs=0\n");
    text.append(sip)
        .append("verify_server_cn=0\nguess_hostname=0\nmedia_encryption=")
        .append(encryption);
    text.append("\nmedia_encryption_mandatory=").append(encryption.equals("none") ? 0 : 1);
    text.append("\n[rtp]\naudio_rtp_port=-1\n");
    int number = 0;
    for (String known : CODECS) {
      String[] parts = known.split("/");
      text.append("[audio_codec_").append(number++).append("]\nmime=").append(parts[0]);
      text.append("\nrate=").append(parts[1]).append("\nchannels=").append(parts[2]);
      text.append("\nenabled=").append(known.equals(codec) ? 1 : 0).append('\n');
    }
    return text.toString();
  }

  /** Types a line. */
  void say(String line) throws IOException {
    console.write(line + "\n");
    console.flush();
  }

  /** Waits until its media flow, for so many times in the call. */
  void awaitMedia(int times) {
    await()
        .alias("media, see " + output)
        .until(() -> printed().split("Media streams established", -1).length > times);
  }

  /** Waits until it has printed that. */
  void awaitPrinted(String text) {
    await().alias(text + ", see " + output).until(() -> printed().contains(text));
  }

  String printed() throws IOException {
    return Files.readString(output, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
