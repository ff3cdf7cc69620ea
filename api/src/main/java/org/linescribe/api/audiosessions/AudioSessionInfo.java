package org.linescribe.api.audiosessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.recordings.AudioShape;

/**
 * A session as HTTP shows it and as it is stored beside its file.
 *
 * @param owner name of the API key that created it, absent where none was asked for
 * @param filePath the WAV, on the server
 * @param durationSeconds of the audio in the file
 * @param model that its client asked for, as {@code language}; absent where none
 * @param totalChunks acknowledged, over all connections
 * @param error what failed, where the status is error
 * @param closeReason why it was completed: "control", "http", "expired", "idle"
 */
record AudioSessionInfo(
    String sessionId,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String owner,
    @Nullable String userId,
    SessionStatus status,
    String filePath,
    double durationSeconds,
    long totalChunks,
    int sampleRate,
    int channels,
    String format,
    boolean transcribe,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String model,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String language,
    long fileSizeBytes,
    int connections,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant closedAt,
    @Nullable String closeReason,
    @Nullable String error) {
  /** Validated, because a file on disk may hold anything. */
  AudioSessionInfo {
    Objects.requireNonNull(sessionId, "session_id");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(filePath, "file_path");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(createdAt, "created_at");
    Objects.requireNonNull(updatedAt, "updated_at");
    if (!SessionRequest.SAMPLE_RATES_HZ.contains(sampleRate)
        || !SessionRequest.CHANNELS.contains(channels)
        || !SessionRequest.FORMATS.contains(format)) {
      throw new IllegalArgumentException(
          "kept: %d Hz, %d channels, format %s".formatted(sampleRate, channels, format));
    }
  }

  /** How its transcript is recognised. A model that is not served any more leaves the default. */
  RecognitionRequest recognition() {
    return RecognitionRequest.DEFAULT
        .withModel(Optional.ofNullable(model))
        .withLanguage(Optional.ofNullable(language))
        .orElseDefault();
  }

  /** What the file is to hold. */
  AudioShape fileShape() {
    return new AudioShape(sampleRate, channels);
  }

  /** Completed, with the length of a file that was reopened for the rest of its audio only. */
  AudioSessionInfo completedBy(AudioSessionInfo recovered) {
    return new AudioSessionInfo(
        sessionId,
        owner,
        userId,
        status == SessionStatus.ACTIVE ? SessionStatus.COMPLETED : status,
        filePath,
        recovered.durationSeconds,
        totalChunks,
        sampleRate,
        channels,
        format,
        transcribe,
        model,
        language,
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
        owner,
        userId,
        SessionStatus.ERROR,
        filePath,
        durationSeconds,
        totalChunks,
        sampleRate,
        channels,
        format,
        transcribe,
        model,
        language,
        fileSizeBytes,
        0,
        createdAt,
        at,
        at,
        "error",
        why);
  }
}
