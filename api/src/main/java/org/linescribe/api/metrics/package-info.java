/**
 * {@code GET /metrics}: every meter of the gateway, for Prometheus.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.metrics;

import org.jspecify.annotations.NullMarked;
