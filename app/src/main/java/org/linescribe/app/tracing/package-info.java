/**
 * Traces of sessions by OpenTelemetry's protocol (OTLP over HTTP). Only the assembly calls in; the
 * pipeline and the calls see {@code session.tracing}.
 */
@NullMarked
package org.linescribe.app.tracing;

import org.jspecify.annotations.NullMarked;
