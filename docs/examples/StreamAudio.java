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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Streams a headerless mu-law file as fast as it is spoken, and prints the answers. A connection
 * that breaks loses nothing. Needs nothing but a JDK:
 *
 * <pre>
 * java docs/examples/StreamAudio.java ws://127.0.0.1:8000/ws/transcribe/my-session test-calls/recorded/card-slt.ulaw
 * </pre>
 *
 * <p>With an API key: LINESCRIBE_KEY=... in the environment.
 */
class StreamAudio implements WebSocket.Listener {
  /** 20 ms at 8 kHz, one byte a sample. */
  private static final int FRAME_BYTES = 160;

  /** To come again would not help. */
  private static final Set<Integer> REFUSED = Set.of(1008, 1009, 4001, 4009);

  private static final Pattern GO_ON = Pattern.compile("\"audio_from\":\\s*(\\d+)");

  private final int sent;
  private final StringBuilder message = new StringBuilder();
  private final CompletableFuture<Integer> goOn = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  private StreamAudio(int sent) {
    this.sent = sent;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    byte[] audio = Files.readAllBytes(Path.of(args[1]));
    HttpClient client = HttpClient.newHttpClient();
    long startedNs = System.nanoTime();
    int sent = 0;
    boolean complete = false;
    while (!complete) {
      // All of the file can be sent again. Of live audio keep the last minute, and name its first
      // byte instead of 0.
      URI uri = URI.create(args[0] + "?codec=pcmu&audio_from=0&audio_sent=" + sent);
      StreamAudio answers = new StreamAudio(sent);
      try {
        WebSocket gateway = connect(client, uri, answers);
        int position = answers.goOn.join();
        while (position < audio.length && !answers.closed.isDone()) {
          int length = Math.min(FRAME_BYTES, audio.length - position);
          gateway.sendBinary(ByteBuffer.wrap(audio, position, length), true).join();
          position += length;
          sent = Math.max(sent, position);
          // What was spoken while the connection was broken is sent at once.
          long dueNs = startedNs + position * 125_000L;
          Thread.sleep(Math.max(0, (dueNs - System.nanoTime()) / 1_000_000));
        }
        // The last utterance becomes a final 2 s after the last audio (flush-after).
        answers.closed.copy().completeOnTimeout(null, 3, TimeUnit.SECONDS).join();
        complete = !answers.closed.isDone();
        if (complete) {
          gateway.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
          answers.closed.join();
        }
      } catch (CompletionException broken) {
        if (broken.getCause() instanceof WebSocketHandshakeException refused) {
          System.err.println("refused: " + refused.getResponse().statusCode());
          System.exit(1);
        }
        System.err.println("connecting again: " + broken.getMessage());
      }
      if (!complete) {
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
    if (last && !goOn.isDone()) {
      // The first message tells which byte the gateway wants next.
      Matcher position = GO_ON.matcher(message);
      goOn.complete(position.find() ? Integer.parseInt(position.group(1)) : sent);
      message.setLength(0);
    } else if (last) {
      System.out.println(message);
      message.setLength(0);
    }
    gateway.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket gateway, int code, String reason) {
    System.err.println("closed: " + code + " " + reason);
    if (REFUSED.contains(code)) {
      System.exit(1);
    }
    end(new IOException("closed: " + code));
    return null;
  }

  @Override
  public void onError(WebSocket gateway, Throwable broken) {
    System.err.println("connecting again: " + broken.getMessage());
    end(broken);
  }

  private void end(Throwable why) {
    goOn.completeExceptionally(why);
    closed.complete(null);
  }
}
