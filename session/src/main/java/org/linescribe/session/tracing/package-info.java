/**
 * The steps of sessions, for traces: what is told of them, not how it is sent. Imported by the
 * pipeline and the sources of sessions; the assembly brings what records them.
 */
@NullMarked
package org.linescribe.session.tracing;

import org.jspecify.annotations.NullMarked;
