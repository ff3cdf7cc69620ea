/**
 * Assembles the pipeline of a node from its stores, its recognisers and its settings.
 *
 * <p>Callers: the assembly builds a {@link org.linescribe.session.pipeline.SessionPipeline}; the
 * APIs and the gateway use only {@link org.linescribe.session.Sessions}.
 */
@NullMarked
package org.linescribe.session.pipeline;

import org.jspecify.annotations.NullMarked;
