/**
 * Certificates and keys for TLS sockets, read from PEM files and read again when they change.
 *
 * <p>Callers: {@code gateway.sip}, and {@code app} for the settings and for HTTP.
 */
@NullMarked
package org.linescribe.gateway.tls;

import org.jspecify.annotations.NullMarked;
