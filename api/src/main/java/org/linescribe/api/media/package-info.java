/**
 * {@code /sessions/{session_id}/media}: RTP ports for senders that have no signalling, as
 * Asterisk's ExternalMedia.
 */
@NullMarked
package org.linescribe.api.media;

import org.jspecify.annotations.NullMarked;
