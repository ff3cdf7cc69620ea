/**
 * Measurements of the hot paths, each beside a {@code baseline_} that does the same the plain way.
 *
 * <p>Run by hand; never shipped.
 */
@NullMarked
package org.linescribe.bench;

import org.jspecify.annotations.NullMarked;
