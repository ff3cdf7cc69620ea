import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Streams a headerless G.711 file as fast as it is spoken, through broken connections, and prints
 * the answers. Needs nothing but a JDK:
 *
 * <pre>
 * java docs/examples/StreamAudio.java ws://127.0.0.1:8000/ws/transcribe/my-session test-calls/recorded/card-slt.ulaw
 * </pre>
 *
 * <p>The gateway detects whether the file is mu-law or A-law. With an API key: LINESCRIBE_KEY=...
 * in the environment.
 */
class StreamAudio implements WebSocket.Listener {
  /** 20 ms at 8 kHz, one byte a sample. */
  private static final int FRAME_BYTES = 160;

  /** To come again would not help. */
  private static final Set<Integer> REFUSED = Set.of(1008, 1009, 4001, 4009);

  private static final int BROKEN = 1006;

  private final StringBuilder message = new StringBuilder();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();

  public static void main(String[] args) throws IOException, InterruptedException {
    byte[] audio = Files.readAllBytes(Path.of(args[1]));
    HttpClient client = HttpClient.newHttpClient();
    long startedNs = 0;
    int position = 0;
    while (position < audio.length) {
      StreamAudio answers = new StreamAudio();
      try {
        WebSocket gateway = connect(client, URI.create(args[0]), answers);
        startedNs = position == 0 ? System.nanoTime() : startedNs;
        while (position < audio.length && !answers.closed.isDone()) {
          int length = Math.min(FRAME_BYTES, audio.length - position);
          gateway.sendBinary(ByteBuffer.wrap(audio, position, length), true).join();
          position += length;
          // What was spoken while the connection was broken is sent at once.
          long dueNs = startedNs + position * 125_000L;
          Thread.sleep(Math.max(0, (dueNs - System.nanoTime()) / 1_000_000));
        }
        if (!answers.closed.isDone()) {
          // The last utterance becomes a final 2 s after the last audio (flush-after).
          Thread.sleep(3000);
          gateway.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
        if (REFUSED.contains(answers.closed.join())) {
          System.exit(1);
        }
      } catch (CompletionException broken) {
        if (broken.getCause() instanceof WebSocketHandshakeException refused) {
          System.err.println("refused: " + refused.getResponse().statusCode());
          System.exit(1);
        }
        System.err.println("connecting again: " + broken.getMessage());
      }
      if (position < audio.length) {
        Thread.sleep(1000);
      }
    }
  }

  private static WebSocket connect(HttpClient client, URI uri, WebSocket.Listener answers) {
    WebSocket.Builder builder = client.newWebSocketBuilder();
    String key = System.getenv("LINESCRIBE_KEY");
    if (key != null) {
      builder.header("Authorization", "Bearer " + key);
    }
    return builder.buildAsync(uri, answers).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket gateway, CharSequence part, boolean last) {
    message.append(part);
    if (last) {
      System.out.println(message);
      message.setLength(0);
    }
    gateway.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket gateway, int code, String reason) {
    System.err.println("closed: " + code + " " + reason);
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket gateway, Throwable broken) {
    System.err.println("connecting again: " + broken.getMessage());
    closed.complete(BROKEN);
  }
}
