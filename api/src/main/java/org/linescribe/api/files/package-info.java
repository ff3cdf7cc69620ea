/**
 * The files door: a recording comes whole, its transcript and what can be said about it go back,
 * with progress.
 *
 * <p>Callers: {@link org.linescribe.api.ApiConfiguration} finds {@code FilesDoor}.
 */
@NullMarked
package org.linescribe.api.files;

import org.jspecify.annotations.NullMarked;
