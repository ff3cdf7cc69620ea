package org.linescribe.gateway.tls;

import java.time.Duration;
import java.util.Map;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** SIP over TLS: its socket, and the files with certificate, key and trusted authorities. */
@SettingsGroup("linescribe.sip.tls")
public record TlsSettings(
    @Setting("HOST:PORT for SIP over TLS, usually port 5061; port 0 takes a free one. Empty: off.")
        String bind,
    @Setting("PEM file with the certificate, followed by its chain.") String certificate,
    @Setting(
            "PEM file with the certificate's private key (PKCS#8, not encrypted); only the"
                + " gateway's user should be able to read it.")
        String key,
    @Setting(
            "PEM file with the authorities that sign the certificates of peers; empty: the JDK's"
                + " authorities for servers that the gateway connects to, and none for clients.")
        String authorities,
    @Setting(
            "Whether a peer that connects must present a certificate: none, optional (one that is"
                + " presented must be valid), required (mutual TLS).")
        @Default("none")
        ClientCertificate clientCertificate,
    @Setting(
            "How often the files are looked at; new connections use a changed certificate, open"
                + " ones stay.")
        @Default("10s")
        @Range("1s to 1h")
        Duration reloadInterval) {

  /** What is asked of a peer that connects. */
  public enum ClientCertificate {
    NONE,
    OPTIONAL,
    REQUIRED
  }

  public TlsSettings {
    SettingsCheck.ranges(TlsSettings.class, reloadInterval);
    bind = bind.strip();
    SettingsCheck.require(
        certificate.isBlank() == key.isBlank(),
        "linescribe.sip.tls.key",
        key.isBlank() ? "''" : "set, without a certificate",
        "linescribe.sip.tls.certificate and linescribe.sip.tls.key together");
    SettingsCheck.require(
        bind.isEmpty() || !certificate.isBlank(),
        "linescribe.sip.tls.certificate",
        "''",
        "a PEM file, because linescribe.sip.tls.bind is set");
    SettingsCheck.require(
        clientCertificate == ClientCertificate.NONE || !authorities.isBlank(),
        "linescribe.sip.tls.authorities",
        "''",
        "a PEM file, because linescribe.sip.tls.client-certificate is "
            + clientCertificate.name().toLowerCase(java.util.Locale.ROOT));
  }

  /** The files, named as in these settings. */
  public TlsFiles files() {
    return new TlsFiles(
        "linescribe.sip.tls", certificate, key, authorities, clientCertificate, reloadInterval);
  }

  /** No TLS. */
  public static TlsSettings off() {
    return SettingsDefaults.of(TlsSettings.class);
  }

  /** The defaults on an address, with a certificate. */
  public static TlsSettings on(String bind, String certificate, String key) {
    return SettingsDefaults.of(
        TlsSettings.class, Map.of("bind", bind, "certificate", certificate, "key", key));
  }
}
