package org.linescribe.testcalls;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where transcripts are read, and with which key: options of every command that places calls. */
public final class SubscriptionOptions {
  private final @Nullable String environmentKey;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description =
          "where to subscribe, also as http://HOST:PORT or https://HOST:PORT (default: the host of"
              + " --to, for sip: at port 8000)")
  private @Nullable String http;

  @Option(
      names = "--subscribe",
      paramLabel = "URL",
      description =
          "whole address to subscribe at, {id} for the session (default:"
              + " ws://HOST:PORT/ws/subscribe/{id})")
  private @Nullable String subscribe;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "API key for the WebSockets, those of the calls and of the subscription; better by the"
              + " environment's LINESCRIBE_KEY, because a command line is seen by all")
  private @Nullable String key;

  @Option(
      names = "--header",
      paramLabel = "NAME:VALUE",
      description = "further header of the WebSocket handshakes; may be repeated")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--endpoint-silence",
      paramLabel = "TIME",
      defaultValue = "800ms",
      description =
          "what the gateway waits for before speech has ended (linescribe.session.endpoint-silence,"
              + " default: ${DEFAULT-VALUE}): a final whose speaker goes on sooner is told apart")
  private String endpointSilence = FinalLatencies.ENDPOINT_MS + "ms";

  /** With the key of the environment. */
  public SubscriptionOptions() {
    this(System.getenv(HandshakeHeaders.KEY_VARIABLE));
  }

  /**
   * @param environmentKey the key from the environment; null for none
   */
  SubscriptionOptions(@Nullable String environmentKey) {
    this.environmentKey = environmentKey;
  }

  /**
   * The subscription's address for each session id.
   *
   * @param to whom the calls go to: the default of the host
   * @throws IllegalArgumentException an option is malformed; the message names it
   */
  public Function<String, URI> addresses(String to) {
    String template = subscribe;
    if (template == null) {
      String authority = http;
      String scheme = to.startsWith("wss:") ? "wss" : "ws";
      if (authority != null && authority.contains("://")) {
        URI address = URI.create(authority);
        boolean isSecure = List.of("https", "wss").contains(address.getScheme());
        if (address.getRawAuthority() == null
            || !isSecure && !List.of("http", "ws").contains(address.getScheme())) {
          throw new IllegalArgumentException(
              "--http " + authority + ": expected HOST:PORT or http://HOST:PORT");
        }
        authority = address.getRawAuthority();
        scheme = isSecure ? "wss" : "ws";
      } else if (authority == null) {
        authority =
            to.startsWith("sip:")
                ? SipTarget.parse(to).host() + ":8000"
                : URI.create(to.replace("{id}", "0")).getRawAuthority();
      }
      template = scheme + "://" + authority + "/ws/subscribe/{id}";
    }
    if (!template.contains("{id}") || !template.matches("wss?://\\S+")) {
      throw new IllegalArgumentException(template + ": expected ws://HOST:PORT/ws/subscribe/{id}");
    }
    String whole = template;
    URI.create(whole.replace("{id}", "0"));
    return id -> URI.create(whole.replace("{id}", id));
  }

  /**
   * Silence after which the gateway takes speech for ended.
   *
   * @throws IllegalArgumentException it is none
   */
  public int endpointMs() {
    long ms = Durations.parse("--endpoint-silence", endpointSilence).toMillis();
    if (ms < 100 || ms > 10_000) {
      throw new IllegalArgumentException(
          "--endpoint-silence: " + endpointSilence + " (expected: 100ms to 10s)");
    }
    return (int) ms;
  }

  /**
   * Headers of the handshakes, the key included.
   *
   * @throws IllegalArgumentException a header or key is malformed; the message never has the value
   */
  public Map<String, String> headers() {
    return HandshakeHeaders.of(headers, key, environmentKey);
  }
}
