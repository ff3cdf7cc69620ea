package org.linescribe.gateway.tls;

import java.time.Duration;

/**
 * Where certificate, key and authorities of a TLS socket lie, all PEM.
 *
 * @param prefix of the settings that name them, for errors: {@code linescribe.sip.tls}
 * @param authorities blank: the JDK's for servers, none for clients
 * @param clientCertificate what is asked of a peer that connects
 * @param reloadInterval how often the files are looked at
 */
public record TlsFiles(
    String prefix,
    String certificate,
    String key,
    String authorities,
    TlsSettings.ClientCertificate clientCertificate,
    Duration reloadInterval) {}
