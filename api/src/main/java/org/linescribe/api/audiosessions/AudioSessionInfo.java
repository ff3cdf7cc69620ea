package org.linescribe.api.audiosessions;

import java.time.Instant;
import java.util.Objects;
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
    @Nullable String error) {
  /** What is read from a disk may be anything. */
  AudioSessionInfo {
    Objects.requireNonNull(sessionId, "session_id");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(filePath, "file_path");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(createdAt, "created_at");
    Objects.requireNonNull(updatedAt, "updated_at");
    if (!AudioShape.SAMPLE_RATES_HZ.contains(sampleRate)
        || !AudioShape.CHANNELS.contains(channels)
        || !AudioShape.FORMATS.contains(format)) {
      throw new IllegalArgumentException(
          "kept: %d Hz, %d channels, format %s".formatted(sampleRate, channels, format));
    }
  }

  /** What the file is to hold. */
  AudioShape fileShape() {
    return new AudioShape(sampleRate, channels);
  }

  /** Completed, with what a file now holds that was opened again for its rest only. */
  AudioSessionInfo completedBy(AudioSessionInfo recovered) {
    return new AudioSessionInfo(
        sessionId,
        userId,
        status == SessionStatus.ACTIVE ? SessionStatus.COMPLETED : status,
        filePath,
        recovered.durationSeconds,
        totalChunks,
        sampleRate,
        channels,
        format,
        transcribe,
        recovered.fileSizeBytes,
        0,
        createdAt,
        updatedAt,
        closedAt == null ? recovered.updatedAt : closedAt,
        closeReason == null ? "recovered" : closeReason,
        error);
  }

  /** In error, because it cannot go on. */
  AudioSessionInfo failed(String why, Instant at) {
    return new AudioSessionInfo(
        sessionId,
        userId,
        SessionStatus.ERROR,
        filePath,
        durationSeconds,
        totalChunks,
        sampleRate,
        channels,
        format,
        transcribe,
        fileSizeBytes,
        0,
        createdAt,
        at,
        at,
        "error",
        why);
  }
}
