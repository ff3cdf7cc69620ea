/**
 * The session's machinery: one writer per session, sequencing, recogniser fail-over, readers.
 *
 * <p>Callers: the assembly builds a {@link org.linescribe.session.pipeline.SessionPipeline}; doors
 * see only {@link org.linescribe.session.Sessions}.
 */
@NullMarked
package org.linescribe.session.pipeline;

import org.jspecify.annotations.NullMarked;
