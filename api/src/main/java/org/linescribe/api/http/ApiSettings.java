package org.linescribe.api.http;

import java.time.Duration;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** Limits that all APIs share. */
@ConfigurationProperties("linescribe.api")
@SettingsGroup("linescribe.api")
public record ApiSettings(
    @Setting(
            "Largest WebSocket message, in one frame or in fragments; beyond it the socket is"
                + " closed with 1009.")
        @Range("1KB to 64MB")
        @DefaultValue("1MB")
        DataSize maxMessage,
    @Setting("WebSockets open at once on this node; beyond it 1013.")
        @Range("1 to 1000000")
        @DefaultValue("10000")
        int maxSockets,
    @Setting(
            "WebSockets open at once on one session id, sources and readers together; beyond it"
                + " 1013.")
        @Range("1 to 100000")
        @DefaultValue("100")
        int maxSocketsPerSession,
    @Setting("How often an open WebSocket is pinged and an event stream gets a comment.")
        @Range("1s to 5m")
        @DefaultValue("20s")
        Duration keepAlive,
    @Setting(
            "A WebSocket peer that sent nothing, not even a pong, and read nothing for this long is"
                + " gone. More than keep-alive.")
        @Range("at most 30m")
        @DefaultValue("60s")
        Duration deadAfter,
    @Setting(
            "What is read of all WebSockets together ahead of their APIs, so that a client that"
                + " sends faster than speech is heard to its end though it closes at once; a"
                + " quarter of it for one client. Beyond it, TCP holds the clients back.")
        @Range("0B to 16GB")
        @DefaultValue("64MB")
        DataSize readAhead,
    @Setting("How long a peer may take to read what is owed to it and to answer a close.")
        @Range("100ms to 1m")
        @DefaultValue("5s")
        Duration closeWithin,
    @Setting(
            "How long a connection is kept on which no HTTP request comes, the first or the next."
                + " Longer than a proxy keeps its own, or the proxy's next request meets a closed"
                + " one.")
        @Range("1s to 1h")
        @DefaultValue("75s")
        Duration idleConnection) {
  public ApiSettings {
    SettingsCheck.ranges(
        ApiSettings.class,
        maxMessage,
        maxSockets,
        maxSocketsPerSession,
        keepAlive,
        deadAfter,
        readAhead,
        closeWithin,
        idleConnection);
    SettingsCheck.require(
        deadAfter.compareTo(keepAlive) > 0,
        "linescribe.api.dead-after",
        deadAfter,
        "more than keep-alive");
  }
}
