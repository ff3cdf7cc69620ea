package org.linescribe.app;

import java.time.Duration;
import org.linescribe.gateway.tls.TlsFiles;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;

/** TLS on the address of HTTP and WebSocket. */
@SettingsGroup("linescribe.http-tls")
record HttpTlsSettings(
    @Setting(
            "PEM file with the certificate for HTTPS and WSS, followed by its chain; empty:"
                + " linescribe.http speaks without TLS.")
        String certificate,
    @Setting(
            "PEM file with the certificate's private key (PKCS#8, not encrypted); only the"
                + " gateway's user should be able to read it.")
        String key,
    @Setting(
            "How often the files are looked at; new connections use a changed certificate, open"
                + " ones stay.")
        @Default("10s")
        @Range("1s to 1h")
        Duration reloadInterval) {
  HttpTlsSettings {
    SettingsCheck.ranges(HttpTlsSettings.class, reloadInterval);
    SettingsCheck.require(
        certificate.isBlank() == key.isBlank(),
        "linescribe.http-tls.key",
        key.isBlank() ? "''" : "set, without a certificate",
        "linescribe.http-tls.certificate and linescribe.http-tls.key together");
  }

  boolean isOn() {
    return !certificate.isBlank();
  }

  TlsFiles files() {
    return new TlsFiles(
        "linescribe.http-tls",
        certificate,
        key,
        "",
        TlsSettings.ClientCertificate.NONE,
        reloadInterval);
  }
}
