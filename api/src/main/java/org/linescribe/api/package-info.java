/**
 * The basis of every HTTP, WebSocket and SSE door: settings, error bodies, WebSocket routing.
 * Callers: the doors in the packages below, which know this package and not each other, and the
 * assembly, which imports {@link org.linescribe.api.ApiConfiguration}.
 *
 * <h2>How to add a door</h2>
 *
 * Make a package {@code org.linescribe.api.NAME} with one class annotated {@link
 * org.linescribe.api.Door}; it is found by being there. Its beans are what it offers:
 *
 * <ul>
 *   <li>{@code @Bean RouterFunction<ServerResponse>}: HTTP routes, by Spring's functional API. Use
 *       {@link org.linescribe.api.Requests} to read parameters, {@link
 *       org.linescribe.api.RefusedRequestException} to refuse ({@code {"error": …}} and a status),
 *       {@link org.linescribe.api.BlockingCalls} for every call that blocks. Inject Boot's {@code
 *       JsonMapper}: it writes snake_case.
 *   <li>{@code @Bean WebSocketRoute}: a path pattern and a {@link
 *       org.linescribe.api.WebSocketDoor}, which is given a {@link
 *       org.linescribe.api.WebSocketPeer} and returns a {@link
 *       org.linescribe.api.WebSocketReceiver}. Limits, message size, fragments, keep-alive, slow
 *       readers, close codes and counting are the basis's work.
 *   <li>Settings: a record with {@code @ConfigurationProperties("linescribe.api.NAME")} beside the
 *       door, checked with {@link org.linescribe.api.ApiSettings#require}, named in
 *       {@code @EnableConfigurationProperties} on the door's class.
 * </ul>
 *
 * The house's shared beans are there to inject: {@code Sessions}, {@code MeterRegistry}.
 */
@NullMarked
package org.linescribe.api;

import org.jspecify.annotations.NullMarked;
