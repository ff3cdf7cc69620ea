/**
 * Questions that a node asks the others, over Redis. For the APIs that show and steer what happens
 * at any node.
 */
@NullMarked
package org.linescribe.session.fleet;

import org.jspecify.annotations.NullMarked;
