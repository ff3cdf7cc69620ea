package org.linescribe.testcalls;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.linescribe.media.g711.G711Law;

/**
 * Places calls on {@code WS /ws/transcribe/{session_id}}: G.711 in binary messages of 20 ms.
 *
 * <p>Thread: any. Owns its HTTP client.
 */
public final class WebSocketCaller implements Caller {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final String ID = "{id}";

  private final HttpClient client = HttpClient.newHttpClient();
  private final String target;
  private final G711Law law;
  private final boolean realTime;
  private final Map<String, String> headers;

  /**
   * @param to {@code ws://HOST:PORT}, or a full address with {@code {id}} as placeholder of the
   *     session id; {@code codec=} is added to the query if absent
   * @param realTime false: as fast as the peer reads
   * @param headers further headers of the handshake
   */
  public WebSocketCaller(String to, G711Law law, boolean realTime, Map<String, String> headers) {
    URI uri = URI.create(to.replace(ID, "0"));
    if (uri.getHost() == null || uri.getScheme() == null || !uri.getScheme().matches("wss?")) {
      throw new IllegalArgumentException(to + ": no WebSocket address (expected: ws://HOST:PORT)");
    }
    String path =
        uri.getPath() == null || uri.getPath().matches("/?") ? "/ws/transcribe/" + ID : "";
    String query = uri.getQuery() == null ? "" : "?" + uri.getRawQuery();
    String whole =
        path.isEmpty() ? to : uri.getScheme() + "://" + uri.getRawAuthority() + path + query;
    if (!whole.contains(ID)) {
      throw new IllegalArgumentException(
          to + ": says not where the session's id goes (expected: …/ws/transcribe/{id})");
    }
    boolean codecGiven = query.contains("codec=");
    this.target =
        codecGiven
            ? whole
            : whole
                + (query.isEmpty() ? "?" : "&")
                + "codec="
                + law.name().toLowerCase(Locale.ROOT);
    this.law = law;
    this.realTime = realTime;
    this.headers = Map.copyOf(headers);
  }

  @Override
  public OpenCall open(String sessionId) throws CallFailedException, InterruptedException {
    WebSocketCall call = new WebSocketCall(sessionId, realTime);
    call.connected(
        WebSockets.connect(
            client, URI.create(target.replace(ID, sessionId)), headers, call.listener(), CONNECT));
    return call;
  }

  @Override
  public String description() {
    return target.substring(0, target.indexOf('/', "wss://".length()))
        + " ("
        + law
        + " over WebSocket)";
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
