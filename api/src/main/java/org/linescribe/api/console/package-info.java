/**
 * The console: the page at {@code /} that shows live sessions, history and the gateway's state. Its
 * sources lie in {@code api/console} and are built by Vite; it has no API of its own and uses those
 * of the other packages.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.console;

import org.jspecify.annotations.NullMarked;
