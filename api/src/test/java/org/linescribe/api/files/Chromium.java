package org.linescribe.api.files;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real browser on a page of the test's, which tells by {@code show(line)} what it does. */
final class Chromium implements AutoCloseable {
  /** To stand before a page's own scripts. */
  static final String SHOW =
      """
      <script>
      let shown = Promise.resolve();
      const show = line => {
        shown = shown.then(() => fetch('/log', { method: 'POST', body: line }));
      };
      window.onunhandledrejection = failed => show('REJECTED ' + failed.reason);
      window.onerror = message => show('REJECTED ' + message);
      </script>
      """;

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final HttpServer pages;
  private final Process browser;

  /**
   * @param content by path; "/" is the page
   */
  Chromium(String program, Path userData, Map<String, byte[]> content) throws IOException {
    pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    content.forEach((path, body) -> pages.createContext(path, exchange -> reply(exchange, body)));
    pages.createContext(
        "/log",
        exchange -> {
          lines.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          reply(exchange, new byte[0]);
        });
    pages.start();
    ProcessBuilder builder =
        new ProcessBuilder(
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                // The page is of another origin than the gateway, and no CORS is set up here.
                "--disable-web-security",
                "--user-data-dir=" + userData,
                "http://127.0.0.1:" + pages.getAddress().getPort() + "/")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    // Killed, it leaves the folder of its socket there.
    builder.environment().put("TMPDIR", String.valueOf(userData.getParent()));
    browser = builder.start();
  }

  private static void reply(HttpExchange exchange, byte[] body) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** What the page shows next. */
  String next() throws InterruptedException {
    String line = lines.poll(120, TimeUnit.SECONDS);
    if (line == null || line.startsWith("REJECTED")) {
      throw new AssertionError("the page shows " + line);
    }
    return line.strip();
  }

  /** Returns when nothing of it is left that could still write into its folder. */
  @Override
  public void close() {
    List<ProcessHandle> all =
        java.util.stream.Stream.concat(
                browser.descendants(), java.util.stream.Stream.of(browser.toHandle()))
            .toList();
    all.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
        .join();
    pages.stop(0);
  }
}
