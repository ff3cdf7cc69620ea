/**
 * {@code GET /metrics}: what the house counts, for Prometheus.
 *
 * <p>Callers: none; {@link org.linescribe.api.ApiConfiguration} finds the door.
 */
@NullMarked
package org.linescribe.api.metrics;

import org.jspecify.annotations.NullMarked;
