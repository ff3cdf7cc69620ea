/**
 * The documents: OpenAPI 3.1 for every HTTP route, AsyncAPI 3.0 for every WebSocket and Socket.IO
 * message, and pages that show them without anything from another host. Both are written by hand
 * ({@code openapi.yaml}, {@code asyncapi.yaml} beside this package's resources) and held against
 * the running server by {@code DocumentsTest}: an API that opens a route documents it there.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.docs;

import org.jspecify.annotations.NullMarked;
