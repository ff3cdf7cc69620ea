/**
 * HTTP for every API: shared settings, requests, error bodies, blocking calls, event streams.
 * Callers: every package of {@code api}; the assembly imports {@link
 * org.linescribe.api.http.ApiConfiguration}.
 */
@NullMarked
package org.linescribe.api.http;

import org.jspecify.annotations.NullMarked;
