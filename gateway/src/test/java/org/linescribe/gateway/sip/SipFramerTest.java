package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SipFramerTest {
  private static final String OPTIONS =
      "OPTIONS sip:a SIP/2.0\r\nVia: x\r\nContent-Length: 0\r\n\r\n";
  private static final String INVITE = "INVITE sip:a SIP/2.0\r\nl: 5\r\n\r\nhello";

  private final EmbeddedChannel channel = new EmbeddedChannel(new SipFramer(4096, 600_000));

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void write(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  private List<String> messages() {
    List<String> messages = new ArrayList<>();
    for (Object next = channel.readInbound(); next != null; next = channel.readInbound()) {
      messages.add(
          next instanceof byte[] bytes
              ? new String(bytes, StandardCharsets.UTF_8)
              : "refused " + ((SipFramer.UnreadableStream) next).status());
    }
    return messages;
  }

  @Test
  void cutsMessagesThatComeTogether() {
    write(OPTIONS + INVITE + "\r\n\r\n" + OPTIONS);

    assertThat(messages()).containsExactly(OPTIONS, INVITE, OPTIONS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void cutsTheSameMessagesHoweverTheStreamIsCut(long seed) {
    Random random = new Random(seed);
    String stream = (OPTIONS + INVITE + "\r\n").repeat(20);
    for (int at = 0; at < stream.length(); ) {
      int length = Math.min(stream.length() - at, 1 + random.nextInt(9));
      write(stream.substring(at, at + length));
      at += length;
    }

    assertThat(String.join("", messages())).isEqualTo((OPTIONS + INVITE).repeat(20));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: -1",
        "Content-Length: 1x",
        "Content-Length:",
        "Content-Length: 3\r\nl: 4",
        "Content-Type: application/sdp",
        "c: application/sdp",
        "Call-ID: a\r\ni: b"
      })
  void refusesAHeadThatCannotBeTrusted(String header) {
    write("OPTIONS sip:a SIP/2.0\r\n" + header + "\r\n\r\n" + OPTIONS);

    assertThat(messages()).containsExactly("refused 400");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000000000", "4090", "99999999999999999999999"})
  void refusesALengthBeyondTheBoundBeforeAnyOfItCame(String length) {
    write("OPTIONS sip:a SIP/2.0\r\nContent-Length: " + length + "\r\n\r\n");

    assertThat(messages()).containsExactly("refused 513");
  }

  @Test
  void refusesHeadersThatDoNotEnd() {
    write("OPTIONS sip:a SIP/2.0\r\nSubject: " + "x".repeat(5000));

    assertThat(messages()).containsExactly("refused 513");
  }

  @Test
  void readsAFoldedLength() {
    write("INVITE sip:a SIP/2.0\r\nContent-Length:\r\n  5\r\n\r\nhello" + OPTIONS);

    assertThat(messages()).hasSize(2).last().isEqualTo(OPTIONS);
  }

  /** RFC 5626 §4.4.1: a double line break is a ping, however it is cut and whatever follows. */
  @Test
  void answersEachPingBetweenMessages() {
    for (String part : new String[] {"\r\n\r\n", "\r", "\n\r", "\n", "\r\n\r\n" + OPTIONS}) {
      write(part);
    }
    write("\r\n" + OPTIONS);

    assertThat(pongs()).isEqualTo(3);
    assertThat(messages()).containsExactly(OPTIONS, OPTIONS);
  }

  private int pongs() {
    int pongs = 0;
    for (ByteBuf pong = channel.readOutbound(); pong != null; pong = channel.readOutbound()) {
      assertThat(pong.toString(StandardCharsets.US_ASCII)).isEqualTo("\r\n");
      pong.release();
      pongs++;
    }
    return pongs;
  }

  @ParameterizedTest
  @ValueSource(strings = {"To: <sip:b> ; tag=2", "To: <sip:b>;TAG=2"})
  void givesAReplyNoSecondTag(String to) {
    String request =
        "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\n"
            + to
            + "\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";

    byte[] reply =
        StatelessResponse.to(MessageHead.of(request), 400, "Bad Request", "192.0.2.1", 5070);

    assertThat(reply).isNotNull();
    assertThat(new String(reply, StandardCharsets.UTF_8)).contains(to + "\r\n");
  }

  @Test
  void joinsAHeaderOfManyLines() {
    MessageHead head =
        MessageHead.of(
            "OPTIONS sip:a SIP/2.0\r\nSubject: a" + "\r\n b".repeat(20_000) + "\r\n\r\n");

    assertThat(head.values("subject").getFirst()).hasSize(1 + 2 * 20_000).endsWith(" b b");
  }

  @Test
  void formsAReplyOnlyFromALegibleRequest() {
    String request =
        "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP h;rport;branch=z9hG4bK1\r\nf: <sip:a>;tag=1\r\n"
            + "t: <sip:b>\r\ni: c\r\nCSeq: 1 OPTIONS\r\n\r\nsecret";

    byte[] reply =
        StatelessResponse.to(MessageHead.of(request), 400, "Bad Request", "192.0.2.1", 5070);

    assertThat(reply).isNotNull();
    assertThat(new String(reply, StandardCharsets.UTF_8))
        .startsWith("SIP/2.0 400 Bad Request\r\n")
        .contains("Via: SIP/2.0/UDP h;rport=5070;branch=z9hG4bK1;received=192.0.2.1\r\n")
        .contains("To: <sip:b>;tag=")
        .doesNotContain("secret");
    assertThat(StatelessResponse.to(MessageHead.of("ACK" + request.substring(7)), 400, "x", "h", 1))
        .isNull();
    assertThat(
            StatelessResponse.to(MessageHead.of(request.replace("i: c\r\n", "")), 400, "x", "h", 1))
        .isNull();
  }
}
