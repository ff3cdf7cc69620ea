import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;

/**
 * Follows the transcript of a session by server-sent events and survives every broken connection
 * without a gap or a repeat. Needs nothing but a JDK, and prints each final as its JSON:
 *
 * <pre>
 * java docs/examples/ReadTranscript.java http://127.0.0.1:8000/sessions/my-session/events [FROM_SEQ]
 * </pre>
 *
 * <p>With an API key: LINESCRIBE_KEY=... in the environment.
 */
class ReadTranscript {
  private final HttpClient client = HttpClient.newHttpClient();
  private final URI uri;

  /** Of the last final: the gateway goes on behind it. */
  private long lastSeq;

  private ReadTranscript(URI uri, long lastSeq) {
    this.uri = uri;
    this.lastSeq = lastSeq;
  }

  public static void main(String[] args) throws InterruptedException {
    long fromSeq = args.length > 1 ? Long.parseLong(args[1]) : 1;
    ReadTranscript reader = new ReadTranscript(URI.create(args[0]), fromSeq - 1);
    while (true) {
      try {
        if (reader.readToEnd()) {
          return;
        }
      } catch (IOException | UncheckedIOException broken) {
        System.err.println("connecting again: " + broken.getMessage());
      }
      Thread.sleep(1000);
    }
  }

  /** Whether the session has ended; else the connection has. */
  private boolean readToEnd() throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    request.header("Last-Event-ID", Long.toString(lastSeq));
    String key = System.getenv("LINESCRIBE_KEY");
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    HttpResponse<Stream<String>> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      System.err.println("refused: " + answer.statusCode());
      System.exit(1);
    }
    try (Stream<String> lines = answer.body()) {
      return lines.anyMatch(this::isEnd);
    }
  }

  /** Only finals have an id. */
  private boolean isEnd(String line) {
    if (line.startsWith("id:")) {
      lastSeq = Long.parseLong(line.substring(3).strip());
    } else if (line.startsWith("data:")) {
      String data = line.substring(5).strip();
      if (data.contains("\"type\":\"final\"")) {
        System.out.println(data);
      }
      return data.contains("\"type\":\"ended\"");
    }
    return false;
  }
}
