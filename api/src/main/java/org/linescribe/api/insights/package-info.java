/**
 * What can be said about a finished transcript: translation, entities, class, quality, summary.
 *
 * <p>Callers: the doors. Implementations live in rooms of their own ({@code rules}, {@code
 * openai}).
 */
@NullMarked
package org.linescribe.api.insights;

import org.jspecify.annotations.NullMarked;
