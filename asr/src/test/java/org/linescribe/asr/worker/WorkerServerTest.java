package org.linescribe.asr.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.utterance.WholeDecoder;

/** What a worker answers to what is no request. */
class WorkerServerTest {
  @TempDir private Path folder;
  private WorkerServer server;
  private Path socket;

  /** Says how many samples it was given. */
  private static final class Counting implements WholeDecoder {
    @Override
    public int sampleRateHz() {
      return 16_000;
    }

    @Override
    public int maxMs() {
      return 1000;
    }

    @Override
    public boolean isTimed() {
      return false;
    }

    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      return new Hypothesis(pcm.length + " samples", java.util.List.of(), startMs, startMs);
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() throws IOException {
    socket = folder.resolve("s");
    server = WorkerServer.whole(socket, new Counting(), null, null);
    serve();
  }

  private void serve() {
    WorkerServer serving = server;
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                serving.run();
              } catch (IOException closed) {
                // By the end of the test.
              }
            });
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return channel;
  }

  private void assertServes() throws IOException {
    try (WorkerConnection connection = new WorkerConnection(connect())) {
      connection.request(Messages.WHOLE).put(7L).put("").put(3).putSamples(new float[3], 0, 3);
      connection.send();
      Hypothesis heard = connection.receive(Messages::readHypothesis);
      assertThat(heard.text()).isEqualTo("3 samples");
      assertThat(heard.startMs()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, Frame.MAX_BYTES, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void closesAConnectionWhoseMessageHasAnImpossibleLength(int length) throws IOException {
    try (SocketChannel channel = connect()) {
      ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
      channel.write(bytes.putInt(length).putInt(1).flip());

      assertThat(channel.read(ByteBuffer.allocate(8))).isEqualTo(-1);
    }
    assertServes();
  }

  @Test
  void refusesMoreSamplesThanCame() throws IOException {
    try (WorkerConnection connection = new WorkerConnection(connect())) {
      connection.request(Messages.WHOLE).put(0L).put("").put(Integer.MAX_VALUE).put(1);
      connection.send();

      assertThatThrownBy(() -> connection.receive(Messages::readHypothesis))
          .isInstanceOf(IOException.class);
    }
    assertServes();
  }

  @Test
  void refusesAnotherVersion() throws IOException {
    try (WorkerConnection connection = new WorkerConnection(connect())) {
      connection.request(Messages.HELLO).put(Messages.VERSION + 1);
      connection.send();

      assertThatThrownBy(() -> connection.receive(Messages.Served::read))
          .isInstanceOf(IOException.class);
    }
    assertServes();
  }

  @Test
  void saysThatItHasNoStreamingModel() throws IOException {
    try (WorkerConnection connection = new WorkerConnection(connect())) {
      connection.request(Messages.STEP).put(0).put(0);
      connection.send();

      assertThatThrownBy(() -> connection.receive(_ -> 0))
          .isInstanceOf(RecogniserException.class)
          .hasMessage("no streaming model");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void survivesWhateverBytesCome(boolean streaming) throws IOException {
    if (streaming) {
      server.close();
      socket = folder.resolve("streaming");
      server = WorkerServer.streaming(socket, new TestWorker.Engine());
      serve();
    }
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      byte[] body = new byte[1 + random.nextInt(200)];
      random.nextBytes(body);
      body[0] = (byte) (1 + random.nextInt(6));
      try (SocketChannel channel = connect()) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + body.length).order(ByteOrder.nativeOrder());
        channel.write(bytes.putInt(body.length).put(body).flip());
        channel.shutdownOutput();
        ByteBuffer answer = ByteBuffer.allocate(1 << 16);
        while (answer.hasRemaining() && channel.read(answer) >= 0) {
          // Until it is closed.
        }
      }
    }
    try (WorkerConnection connection = new WorkerConnection(connect())) {
      connection.request(Messages.HELLO).put(Messages.VERSION);
      connection.send();
      assertThat(connection.receive(Messages.Served::read).isStreaming()).isEqualTo(streaming);
    }
  }

  @Test
  void aRequestWithMuchAudioMayTakeLonger() throws IOException {
    try (WorkerConnection connection = new WorkerConnection(connect())) {
      connection.request(Messages.WHOLE).put(0L).put("").put(3).putSamples(new float[3], 0, 3);
      connection.send();
      long laterNs = System.nanoTime() + Duration.ofHours(1).toNanos();

      assertThat(connection.isOverdue(laterNs, 0, Duration.ofMinutes(19).toNanos())).isTrue();
      assertThat(connection.isOverdue(laterNs, 0, Duration.ofMinutes(30).toNanos())).isFalse();
    }
  }

  @Test
  void aMessageThatGrowsKeepsWhatItHeld() throws IOException {
    Frame frame = new Frame();
    float[] pcm = new float[300_000];
    pcm[299_999] = 0.5f;
    Path pipe = folder.resolve("p");
    try (java.nio.channels.ServerSocketChannel listening =
            java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(pipe));
        SocketChannel to = SocketChannel.open(UnixDomainSocketAddress.of(pipe));
        SocketChannel from = listening.accept()) {
      frame.begin(3).put("größer").put(pcm.length).putSamples(pcm, 0, pcm.length).put(-1L);
      Thread sending =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      frame.send(to);
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });

      Frame read = new Frame();
      assertThat(read.receive(from)).isEqualTo(3);
      assertThat(read.getText()).isEqualTo("größer");
      assertThat(read.getSamples()).isEqualTo(pcm);
      assertThat(read.getLong()).isEqualTo(-1);
      read.end();
      assertThatThrownBy(read::getByte).isInstanceOf(ProtocolException.class);
      sending.interrupt();
    }
    assertThatThrownBy(() -> frame.begin(1).putSamples(new float[5_000_000], 0, 5_000_000))
        .isInstanceOf(IllegalStateException.class);
  }
}
