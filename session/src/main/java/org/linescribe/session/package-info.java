/**
 * The pipeline: a session takes the audio of its sources, numbers what is recognised, keeps it and
 * tells its readers.
 *
 * <p>Callers: the doors in {@code api} and {@code gateway}, which know no other way to a
 * transcript.
 */
@NullMarked
package org.linescribe.session;

import org.jspecify.annotations.NullMarked;
