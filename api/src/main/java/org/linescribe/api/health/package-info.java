/**
 * {@code GET /health}, {@code /health/live}, {@code /health/ready}: for operators, and for whoever
 * restarts the process or sends it traffic.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.health;

import org.jspecify.annotations.NullMarked;
