package org.linescribe.gateway.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.SipKit;

/** Kamailio as a registrar and proxy, which asks every user for the password "secret". */
public final class KamailioRegistrar implements AutoCloseable {
  private final Path work;
  private final int port = SipKit.freeBase(1);
  private final Process process;

  /**
   * Begins, and is ready.
   *
   * @param work is made; has its log
   * @param algorithm of its digest
   */
  public KamailioRegistrar(Path work, String algorithm) throws IOException {
    this.work = Files.createDirectories(work);
    process =
        new ProcessBuilder(
                "kamailio",
                "-DD",
                "-E",
                "-m",
                "16",
                "-M",
                "4",
                "-f",
                ProjectFiles.root()
                    .resolve("gateway/src/test/resources/registrar/kamailio.cfg")
                    .toString(),
                "-A",
                "LISTEN_ADDRESS=udp:127.0.0.1:" + port,
                "-A",
                "DIGEST=\"" + algorithm + "\"",
                "-Y",
                work.toString(),
                "-P",
                work.resolve("pid").toString(),
                "-w",
                work.toString())
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("log").toFile())
            .start();
    await()
        .untilAsserted(
            () -> assertThat(log()).containsAnyOf("udp_receiver", "probe_max_receive_buffer"));
  }

  public int port() {
    return port;
  }

  public InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  public String log() throws IOException {
    return Files.readString(work.resolve("log"));
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
