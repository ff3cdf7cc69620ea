/**
 * Guards the data folder: its permissions, its free space, and how long and how much it keeps.
 *
 * <p>Callers: {@code session.pipeline}, {@code session.admission}, {@code session.recordings},
 * {@code api}, {@code app}.
 */
@NullMarked
package org.linescribe.session.storage;

import org.jspecify.annotations.NullMarked;
