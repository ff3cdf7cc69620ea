/**
 * Every HTTP, WebSocket, SSE and Socket.IO API, one package each. The APIs do not know each other;
 * they share {@link org.linescribe.api.http}, {@link org.linescribe.api.websocket}, {@link
 * org.linescribe.api.audio} and {@link org.linescribe.api.transcript}. The assembly imports {@link
 * org.linescribe.api.http.ApiConfiguration}.
 *
 * <h2>How to add an API</h2>
 *
 * Make a package {@code org.linescribe.api.NAME} with one class annotated {@link
 * org.linescribe.api.http.ApiPackage}, and add it to the list {@code http/api-packages} of the
 * resources. Its beans are what it offers:
 *
 * <ul>
 *   <li>{@code @Bean RouterFunction<ServerResponse>}: HTTP routes, by Spring's functional API. Use
 *       {@link org.linescribe.api.http.Requests} to read parameters, {@link
 *       org.linescribe.api.http.RefusedRequestException} to refuse ({@code {"error": …}} and a
 *       status), {@link org.linescribe.api.http.BlockingCalls} for every call that blocks. Inject
 *       Boot's {@code JsonMapper}: it writes snake_case.
 *   <li>{@code @Bean WebSocketRoute}: a path pattern and a {@link
 *       org.linescribe.api.websocket.WebSocketEndpoint}, which is given a {@link
 *       org.linescribe.api.websocket.WebSocketPeer} and returns a {@link
 *       org.linescribe.api.websocket.WebSocketReceiver}. Limits, message size, fragments,
 *       keep-alive, slow readers, close codes and counting are the work of {@code api.websocket}.
 *   <li>Settings: a record with {@code @ConfigurationProperties("linescribe.api.NAME")} beside the
 *       API, checked with {@link org.linescribe.settings.SettingsCheck}, named in
 *       {@code @EnableConfigurationProperties} on the API's class.
 * </ul>
 *
 * Shared beans to inject: {@code Sessions}, {@code MeterRegistry}.
 */
@NullMarked
package org.linescribe.api;

import org.jspecify.annotations.NullMarked;
