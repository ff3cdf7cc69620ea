/**
 * What can be said about a finished transcript: translation, entities, class, quality, summary.
 *
 * <p>Callers: the HTTP APIs. Each implementation has a package of its own ({@code rules}, {@code
 * openai}).
 */
@NullMarked
package org.linescribe.insights;

import org.jspecify.annotations.NullMarked;
