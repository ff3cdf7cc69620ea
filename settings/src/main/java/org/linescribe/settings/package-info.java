/**
 * How a setting states its meaning, its default and its range: once, on the record's component. The
 * check at construction and the printed reference both read it there.
 *
 * <p>Callers: every settings record; the assembly, which binds them and prints the reference.
 */
@NullMarked
package org.linescribe.settings;

import org.jspecify.annotations.NullMarked;
