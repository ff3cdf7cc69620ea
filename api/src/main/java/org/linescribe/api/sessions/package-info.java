/**
 * {@code GET /sessions…}: sessions, their segments page by page, their events as server-sent
 * events.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.sessions;

import org.jspecify.annotations.NullMarked;
