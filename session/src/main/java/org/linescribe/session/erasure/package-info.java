/**
 * Erasure of one session in every place of every node, recorded without what was erased. For the
 * API of administrators; {@code session.store} keeps the orders for the nodes.
 */
@NullMarked
package org.linescribe.session.erasure;

import org.jspecify.annotations.NullMarked;
