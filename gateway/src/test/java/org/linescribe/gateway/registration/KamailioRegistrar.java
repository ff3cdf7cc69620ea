package org.linescribe.gateway.registration;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.linescribe.testsupport.Kamailio;
import org.linescribe.testsupport.TestCertificate;

/** Kamailio as a registrar and proxy, which asks every user for the password "secret". */
public final class KamailioRegistrar implements AutoCloseable {
  private static final String CONFIG = "gateway/src/test/resources/registrar/kamailio.cfg";

  private final Kamailio kamailio;

  private KamailioRegistrar(Kamailio kamailio) {
    this.kamailio = kamailio;
  }

  /**
   * Starts one by UDP, which is ready.
   *
   * @param work is made; has its log
   * @param algorithm of its digest
   */
  public static KamailioRegistrar start(Path work, String algorithm) throws IOException {
    return new KamailioRegistrar(
        Kamailio.start(work, CONFIG, _ -> Map.of("DIGEST", quoted(algorithm))));
  }

  /** One that listens by TCP, too, on the same port. */
  public static KamailioRegistrar startTcp(Path work, String algorithm) throws IOException {
    return new KamailioRegistrar(
        Kamailio.start(
            work,
            CONFIG,
            port ->
                Map.of("DIGEST", quoted(algorithm), "STREAM_ADDRESS", "tcp:127.0.0.1:" + port)));
  }

  /** One that listens by TLS, too, on the same port. It needs Tool.KAMAILIO_TLS. */
  public static KamailioRegistrar startTls(Path work, String algorithm, TestCertificate shows)
      throws IOException {
    return new KamailioRegistrar(
        Kamailio.start(
            work,
            CONFIG,
            port -> {
              Map<String, String> definitions = new HashMap<>();
              definitions.put("DIGEST", quoted(algorithm));
              definitions.put("STREAM_ADDRESS", "tls:127.0.0.1:" + port);
              definitions.put("TLS_CERTIFICATE", quoted(shows.certificate().toString()));
              definitions.put("TLS_KEY", quoted(shows.key().toString()));
              return definitions;
            }));
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  public int port() {
    return kamailio.port();
  }

  public InetSocketAddress address() {
    return kamailio.address();
  }

  public String log() throws IOException {
    return kamailio.log();
  }

  @Override
  public void close() {
    kamailio.close();
  }
}
