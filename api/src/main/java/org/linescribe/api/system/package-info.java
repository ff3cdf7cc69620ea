/**
 * {@code GET /system} and {@code /system/addresses}: what this program is, where it listens, which
 * settings are in force and which keys there are, without secrets.
 *
 * <p>Callers: the assembly brings the {@link org.linescribe.api.system.ProgramDescription}.
 */
@NullMarked
package org.linescribe.api.system;

import org.jspecify.annotations.NullMarked;
