/**
 * The files API: a recording comes whole, its transcript and what can be said about it go back,
 * with progress.
 *
 * <p>Callers: {@link org.linescribe.api.http.ApiConfiguration} finds {@code FilesApi}.
 */
@NullMarked
package org.linescribe.api.files;

import org.jspecify.annotations.NullMarked;
