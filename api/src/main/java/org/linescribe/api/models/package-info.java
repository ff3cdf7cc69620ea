/**
 * {@code /models}: the models that this node has and may get, and their download with its progress,
 * and their speed on this machine.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.models;

import org.jspecify.annotations.NullMarked;
