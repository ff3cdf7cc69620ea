package org.linescribe.bench.strangers;

import static org.linescribe.bench.strangers.Measuring.pace;
import static org.linescribe.bench.strangers.Measuring.row;
import static org.linescribe.bench.strangers.Measuring.sip;
import static org.linescribe.bench.strangers.Measuring.sleep;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.bench.load.GatewayProcess;
import org.linescribe.bench.strangers.Measuring.Step;

/** Lines and bytes that a stranger's messages leave in the log. */
final class StrangerLog {
  private StrangerLog() {}

  /** Entry 13: lines in the log. */
  static void ofMessages(GatewayProcess gateway) throws Exception {
    try (SipStranger stranger = new SipStranger("127.0.0.3", sip(gateway))) {
      sleep(2);
      lines(
          gateway,
          "ACK without a branch",
          i -> stranger.send(stranger.request("ACK", "").replaceFirst(";branch=[^\r]*", "")));
      String refused = SipStranger.offer("127.0.0.3", 40_000, "3", "sendrecv");
      lines(
          gateway,
          "INVITE that is refused (488)",
          i -> stranger.send(stranger.request("INVITE", refused)));
      lines(gateway, "datagram that is no SIP", i -> stranger.send("\u001b[2J nonsense " + i));
      lines(
          gateway,
          "HTTP request with an odd path",
          i -> http(gateway, "GET /%2e%2e/%00;a=" + i + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      lines(
          gateway,
          "HTTP request that is malformed",
          i -> http(gateway, "G\u001bT /?access_token=secret SPDY/9\r\n\r\n"));
      lines(
          gateway,
          "WebSocket that is cut off",
          i ->
              http(
                  gateway,
                  "GET /ws/transcribe/stranger-"
                      + i
                      + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                      + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    }
  }

  private static void lines(GatewayProcess gateway, String name, Step step) throws IOException {
    sleep(2);
    long lines = gateway.logLines();
    long bytes = gateway.logBytes();
    int messages = pace(200, 5, step);
    sleep(3);
    row(
        "13: " + name,
        "%.3f lines, %.0f bytes of log each (%d in 5 s)",
        (gateway.logLines() - lines) / (double) messages,
        (gateway.logBytes() - bytes) / (double) messages,
        messages);
  }

  /** Sends a request, waits for the first byte of the answer, and resets the connection. */
  private static void http(GatewayProcess gateway, String request) throws IOException {
    String address = gateway.http();
    int colon = address.lastIndexOf(':');
    try (Socket socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
      socket.setSoLinger(true, 0);
      socket.setSoTimeout(5000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().read();
    } catch (IOException closed) {
      // That is an answer, too.
      return;
    }
  }

  /** Entry 13: INVITE and CANCEL. */
  static void ofCancelled(GatewayProcess gateway) throws Exception {
    try (Crowd crowd = new Crowd(20, sip(gateway))) {
      sleep(2);
      crowd.readAnswers();
      long lines = gateway.logLines();
      long bytes = gateway.logBytes();
      pace(
          200,
          10,
          i ->
              crowd.use(
                  i,
                  one -> {
                    String call = one.freshCall();
                    one.send(one.request("INVITE", call, 1, "", "", one.offer()));
                    one.send(one.request("CANCEL", call, 1, "", "", ""));
                  }));
      sleep(40);
      row(
          "13: 2,000 INVITE, each with its CANCEL, in 10 s from 20 addresses",
          "%.3f lines, %.0f bytes of log each; outcomes: %s",
          (gateway.logLines() - lines) / 2000.0,
          (gateway.logBytes() - bytes) / 2000.0,
          outcomes(gateway));
    }
  }

  private static String outcomes(GatewayProcess gateway) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String metrics =
          client
              .send(
                  HttpRequest.newBuilder(URI.create("http://" + gateway.http() + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      Matcher outcome =
          Pattern.compile(
                  "(?m)^linescribe_call_outcomes_total\\{[^}]*outcome=\"([^\"]+)\"[^}]*\\} (\\S+)")
              .matcher(metrics);
      List<String> found = new ArrayList<>();
      while (outcome.find()) {
        if (Double.parseDouble(outcome.group(2)) > 0) {
          found.add(outcome.group(1) + " " + (long) Double.parseDouble(outcome.group(2)));
        }
      }
      return String.join(", ", found);
    }
  }
}
