package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.text.TextSettings;

/** Words become digits by correction, and digits a mask: nothing but the mask leaves the writer. */
class WrittenTextTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final CapturingListener received = new CapturingListener();

  @Test
  void onlyWhatIsWrittenIsSentAndStored() throws Exception {
    TextSettings text =
        new TextSettings(
            List.of("w7=seven", "w8=eight", "w1=Hello"), false, false, false, "US", 4, false);
    try (EmbeddedPipeline node =
        new EmbeddedPipeline(data, settings -> {}, new InProcessSourceLease(), text)) {
      SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
      short[] said =
          CodedSpeech.join(CodedSpeech.words(1, 7, 8, 7, 8, 2), CodedSpeech.silence(200));

      assertThat(source.write(0, said, 0, said.length)).isEqualTo(said.length);
      await().until(() -> source.current(0).text().equals("Hello [digits] w2"));
      source.end("bye").toCompletableFuture().get(60, TimeUnit.SECONDS);

      assertThat(received.finals()).extracting(Segment::text).containsExactly("Hello [digits] w2");
      assertThat(node.sessions.segments(ID, 1, 10)).isEqualTo(received.finals());
      assertThat(received.finals().getFirst().tokens())
          .extracting(Token::text)
          .noneMatch(token -> token.contains("seven") || token.contains("w7"));
      assertThat(received.partials())
          .extracting(partial -> partial.text())
          .allMatch(shown -> shown.split("seven|eight", -1).length <= 4);
    }
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(
                new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain("seven eight seven eight");
      }
    }
  }
}
