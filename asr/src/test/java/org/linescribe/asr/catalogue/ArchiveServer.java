package org.linescribe.asr.catalogue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.linescribe.media.resources.Sha256;

/** An HTTP server with one archive, which fails as a test says. Thread: any. */
final class ArchiveServer implements AutoCloseable {
  volatile byte[] archive;
  volatile int cutAfter = Integer.MAX_VALUE;
  volatile int status;
  volatile boolean stalls;
  volatile boolean continuesElsewhere;
  final CountDownLatch goOn = new CountDownLatch(1);
  final List<String> ranges = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  ArchiveServer(byte[] archive) throws IOException {
    this.archive = archive;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/test-model.tar.bz2");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("");
      ranges.add(range);
      if (status != 0) {
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      byte[] content = archive;
      String tag = '"' + HexFormat.of().formatHex(Sha256.digest().digest(content), 0, 8) + '"';
      exchange.getResponseHeaders().set("ETag", tag);
      int from = 0;
      if (!range.isEmpty() && tag.equals(exchange.getRequestHeaders().getFirst("If-Range"))) {
        from = Integer.parseInt(range.replaceAll("\\D", ""));
        exchange
            .getResponseHeaders()
            .set(
                "Content-Range",
                "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
      }
      if (from == content.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + from);
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      if (from > 0 && continuesElsewhere) {
        exchange.getResponseHeaders().set("Content-Range", "bytes 5-9/" + content.length);
      }
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
      int to = Math.min(content.length, cutAfter);
      OutputStream out = exchange.getResponseBody();
      out.write(content, from, to - from);
      out.flush();
      if (stalls) {
        goOn.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    goOn.countDown();
    server.stop(0);
  }
}
