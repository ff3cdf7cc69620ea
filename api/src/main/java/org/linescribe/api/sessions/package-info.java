/**
 * {@code GET /sessions…}: sessions, their segments page by page, their events as server-sent
 * events.
 *
 * <p>Callers: none; {@link org.linescribe.api.ApiConfiguration} finds the door.
 */
@NullMarked
package org.linescribe.api.sessions;

import org.jspecify.annotations.NullMarked;
