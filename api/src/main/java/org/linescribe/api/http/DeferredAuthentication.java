package org.linescribe.api.http;

import java.util.Set;

/**
 * Paths whose requests may come without a key, because their API asks for it in a message.
 *
 * @param paths Spring path patterns, within the application
 */
public record DeferredAuthentication(Set<String> paths) {}
