package org.linescribe.api.audiosessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The document's answer to a chunk and to a control message.
 *
 * @param error what went wrong, where something did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ChunkResponse(
    String message,
    String sessionId,
    long chunkCount,
    SessionStatus status,
    @Nullable String error) {}
