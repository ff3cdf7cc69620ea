package org.linescribe.api.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.linescribe.session.Segment;
import org.springframework.util.FileSystemUtils;

/** One gateway for the tests of all protocols: it is started by the first and closed at the end. */
final class ProtocolGateway implements BeforeAllCallback {
  private static volatile @Nullable Running running;

  private static final class Running implements AutoCloseable {
    private final Path data;
    private final RealGateway gateway;

    Running() {
      try {
        data = Files.createTempDirectory("protocols");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      gateway = new RealGateway(data);
    }

    @Override
    public void close() throws IOException {
      gateway.close();
      FileSystemUtils.deleteRecursively(data);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.GLOBAL)
            .computeIfAbsent(Running.class, _ -> new Running(), Running.class);
  }

  RealGateway gateway() {
    return Objects.requireNonNull(running).gateway;
  }

  String ws(String path) {
    return gateway().server().ws(path);
  }

  String http(String path) {
    return gateway().server().http(path);
  }

  /** What was said on a leg. */
  String text(String id, String leg) {
    return String.join(
        " ",
        gateway().segments(id).stream()
            .filter(segment -> segment.leg().equals(leg))
            .map(Segment::text)
            .toList());
  }
}
