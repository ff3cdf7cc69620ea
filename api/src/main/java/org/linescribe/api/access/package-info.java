/**
 * Who may call: API keys, their limits, and which web pages a browser may call from. One filter in
 * front of every HTTP route and WebSocket.
 *
 * <p>Callers: {@link org.linescribe.api.http.ApiConfiguration} finds the filter; the program takes
 * {@link org.linescribe.api.access.KeysCommand}.
 */
@NullMarked
package org.linescribe.api.access;

import org.jspecify.annotations.NullMarked;
