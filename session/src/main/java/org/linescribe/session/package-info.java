/**
 * The pipeline: a session takes the audio of its sources, numbers the recognised utterances, stores
 * them and publishes them to its readers.
 *
 * <p>Callers: {@code api} and {@code gateway}, which have no other way to a transcript.
 */
@NullMarked
package org.linescribe.session;

import org.jspecify.annotations.NullMarked;
