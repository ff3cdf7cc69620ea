package org.linescribe.api.http;

import java.net.InetAddress;

/**
 * Where HTTP listens, a bean of the assembly's; without it {@code server.address} counts.
 *
 * @param setting the key and value that say so, for messages: "linescribe.http: 0.0.0.0:8000"
 */
public record HttpBindAddress(InetAddress address, String setting) {}
