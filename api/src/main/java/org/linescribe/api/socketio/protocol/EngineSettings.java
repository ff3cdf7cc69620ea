package org.linescribe.api.socketio.protocol;

import java.time.Duration;

/**
 * The limits of a server, validated by who makes them.
 *
 * @param maxClients connections at once
 * @param maxPayloadBytes largest WebSocket message and polling request
 * @param pingInterval how often a client is asked for a sign of life
 * @param pingTimeout how long it may take to give it
 * @param connectTimeout how long a connection may be without a namespace
 * @param trustForwarded whether X-Forwarded-Proto and X-Forwarded-Host name the server
 * @param keyRequired whether a connection without a principal must authenticate when it joins; of
 *     these there may be a tenth of {@code maxClients} at once, so that strangers lock nobody out
 */
public record EngineSettings(
    int maxClients,
    int maxPayloadBytes,
    Duration pingInterval,
    Duration pingTimeout,
    Duration connectTimeout,
    boolean trustForwarded,
    boolean keyRequired) {}
