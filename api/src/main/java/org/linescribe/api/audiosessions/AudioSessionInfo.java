package org.linescribe.api.audiosessions;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A session as HTTP shows it and as it is kept beside its file.
 *
 * @param filePath the WAV, on the server
 * @param durationSeconds of the audio in the file
 * @param totalChunks acknowledged, over all connections
 * @param error what failed, where the status is error
 * @param closeReason why it was completed: "control", "http", "expired", "idle"
 */
record AudioSessionInfo(
    String sessionId,
    @Nullable String userId,
    SessionStatus status,
    String filePath,
    double durationSeconds,
    long totalChunks,
    int sampleRate,
    int channels,
    String format,
    boolean transcribe,
    long fileSizeBytes,
    int connections,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant closedAt,
    @Nullable String closeReason,
    @Nullable String error) {}
