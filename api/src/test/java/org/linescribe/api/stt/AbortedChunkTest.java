package org.linescribe.api.stt;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.SessionQuery;
import org.slf4j.LoggerFactory;

/** A client of {@code POST /stt/stream-chunk} that goes in the middle of its chunk. */
class AbortedChunkTest {
  private static final String HEAD =
      "--b\r\nContent-Disposition: form-data; name=\"audio_chunk\"; filename=\"a\"\r\n\r\n";

  private static void breakOff(ApiServer server, String body, int length, boolean reset)
      throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      if (reset) {
        socket.setSoLinger(true, 0);
      }
      socket
          .getOutputStream()
          .write(
              ("POST /stt/stream-chunk HTTP/1.1\r\nHost: localhost\r\nContent-Type:"
                      + " multipart/form-data; boundary=b\r\nContent-Length: "
                      + length
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.US_ASCII));
      if (body.length() >= length) {
        assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
            .isEqualTo("HTTP/1.1 400");
      }
    }
  }

  @Test
  void isNoFaultOfTheGatewayAndOpensNoSession() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    FakeSessions sessions = new FakeSessions();
    ApiServer server = ApiServer.start(sessions, Map.of());
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(log);
    try {
      for (boolean reset : new boolean[] {false, true}) {
        breakOff(server, HEAD + "x".repeat(20_000), 100_000, reset);
        breakOff(server, "--b\r\nContent-Dispo", 100_000, reset);
        breakOff(server, HEAD + "x", (HEAD + "x").length(), reset);
      }
    } finally {
      // It waits for what it has in hand.
      server.close();
      root.detachAppender(log);
    }
    assertThat(log.list)
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .isEmpty();
    assertThat(sessions.list(SessionQuery.all(Optional.empty(), 10))).isEmpty();
  }
}
