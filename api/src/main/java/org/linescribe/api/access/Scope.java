package org.linescribe.api.access;

import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.http.HttpMethod;

/** What a key may do. A key whose settings name no scope may do all of it. */
enum Scope {
  /**
   * GET and HEAD of everything but metrics, and the subscription to a transcript; of what the key
   * itself sent, unless it has {@link #ADMIN} too.
   */
  READ,
  /** Audio in, by any transport, and the end of what was begun. */
  SEND,
  /**
   * The choice of a receiver for one session: the gateway connects to an address that a client
   * names.
   */
  WEBHOOK,
  /**
   * Metrics, the settings in force, webhooks, keys, pulls of models, calls, which show who phones
   * whom, and their recordings; the erasure of a session; with {@link #READ} or {@link #SEND} what
   * other keys and the calls sent.
   */
  ADMIN;

  /** The one WebSocket that only reads. */
  private static final String SUBSCRIBE = "/ws/subscribe/";

  private static final String SOCKET_IO = "/socket.io";
  private static final Set<String> ADMIN_PATHS =
      Set.of("/metrics", "/system", "/system/test-call", "/calls", "/call-records");

  private static final String CALLS = "/calls/";

  private static final String KEYS = "/keys";

  private static final String SESSIONS = "/sessions/";

  private static final Pattern SESSION_WEBHOOK = Pattern.compile("/sessions/[^/]+/webhook/?");

  /** Its end is that of what the same scope began. */
  private static final Pattern SESSION_MEDIA = Pattern.compile("/sessions/[^/]+/media/?");

  private static final Pattern SESSION_ERASURE = Pattern.compile("/sessions/[^/]+/erasure/?");

  private static final String RECORDINGS = "/recordings";
  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  /**
   * The scope that a request needs.
   *
   * @param isForSocket whether it asks for a WebSocket
   */
  static Scope of(HttpMethod method, String path, boolean isForSocket) {
    if (SESSION_WEBHOOK.matcher(path).matches()) {
      return WEBHOOK;
    }
    if (ADMIN_PATHS.contains(path)
        || path.equals("/webhooks")
        || path.startsWith("/webhooks/")
        || path.startsWith(CALLS)
        || path.startsWith(KEYS)
        || path.startsWith("/models/")
        || path.startsWith(RECORDINGS)
        || SESSION_ERASURE.matcher(path).matches()
        || method.equals(HttpMethod.DELETE)
            && path.startsWith(SESSIONS)
            && !SESSION_MEDIA.matcher(path).matches()) {
      return ADMIN;
    }
    boolean reads =
        READING.contains(method)
            && (!isForSocket || path.startsWith(SUBSCRIBE))
            && !path.startsWith(SOCKET_IO);
    return reads ? READ : SEND;
  }
}
