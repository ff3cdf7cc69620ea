package org.linescribe.api.http;

import java.util.List;

/**
 * An API key, without its hash.
 *
 * @param owner of what it sends; its name where no other was given
 * @param scopes lower case, sorted
 * @param open requests and WebSockets that it has open now
 */
public record KeySummary(String name, String owner, List<String> scopes, int open) {}
