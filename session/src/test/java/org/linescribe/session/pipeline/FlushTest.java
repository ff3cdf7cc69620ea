package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.done;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;

class FlushTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final CapturingListener received = new CapturingListener();
  private EmbeddedPipeline node;

  @BeforeEach
  void build() {
    node = new EmbeddedPipeline(data);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void flushMakesAFinalAndTheSourceGoesOn() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1));

    source.flush().toCompletableFuture().join();

    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1");
    say(source, CodedSpeech.words(2));
    end(source);
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1", "w2");
  }

  @Test
  void flushEndsTheUtteranceWhereItWasAskedForHoweverLateTheWriterBegins() throws Exception {
    BlockingListener held = new BlockingListener();
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), held);
    say(source, CodedSpeech.words(1));
    await().until(() -> !held.begun.isEmpty());

    CompletionStage<Void> first = source.flush();
    short[] second = CodedSpeech.words(2);
    source.write(0, second, 0, 1000);
    node.recogniser.settle();
    held.letGo();
    done(first);
    source.write(0, second, 1000, second.length - 1000);
    end(source);

    assertThat(held.received.finals()).extracting(Segment::text).containsExactly("w1", "w2");
  }

  @Test
  void sourceThatWasRefusedDuringAFlushIsToldOfSpaceAfterIt() throws Exception {
    BlockingListener blocking = new BlockingListener();
    blocking.letGo();
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), blocking);
    node.recogniser.stuck = true;
    CompletionStage<Void> flush = source.flush();
    await().until(() -> node.recogniser.streams.getFirst().flushes.get() == 1);
    short[] pcm = CodedSpeech.silence(500);
    while (source.write(0, pcm, 0, pcm.length) == pcm.length) {
      // more than waits for a flush
    }

    node.recogniser.streams.getFirst().letGo();

    done(flush);
    await().until(() -> blocking.writable.get() > 0);
    assertThat(source.write(0, pcm, 0, pcm.length)).isEqualTo(pcm.length);
    end(source);
  }
}
