/**
 * The assembly: the command line, the settings, and the application that wires every room together.
 *
 * <p>Nobody calls in; this room alone may import all others.
 */
@NullMarked
package org.linescribe.app;

import org.jspecify.annotations.NullMarked;
