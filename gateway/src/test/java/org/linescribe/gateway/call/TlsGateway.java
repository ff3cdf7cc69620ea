package org.linescribe.gateway.call;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.session.Sessions;
import org.linescribe.testsupport.SipKit;

/** A gateway on free ports that speaks TLS, too, by the kit's certificate. */
final class TlsGateway {
  private TlsGateway() {}

  /** Started; the caller stops it. */
  static SipGateway start(SipKit kit, Sessions sessions, MeterRegistry registry)
      throws SipBindException {
    SipKit.Run keys = kit.run(List.of(SipKit.script("tls_keys.sh")), Map.of(), 60);
    Path tls = Path.of(keys.output().strip());
    SipGateway gateway =
        new SipGateway(
            new SipListeners(
                SipSettings.on("127.0.0.1:0"),
                TlsSettings.on(
                    "127.0.0.1:0",
                    tls.resolve("cert.pem").toString(),
                    tls.resolve("key.pem").toString()),
                SipWebSocketSettings.off()),
            PatientRtp.settings(),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC());
    gateway.start();
    return gateway;
  }
}
