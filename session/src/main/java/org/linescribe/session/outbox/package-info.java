/**
 * What keeps finals durable while the database is down or slow: an append-only file per gateway.
 *
 * <p>Callers: {@code session.pipeline}. Files: {@code outbox-NNNNNNNNNN.log}, records of length (4
 * bytes), CRC-32C (4 bytes), JSON; {@code conflicts.log}, JSON lines.
 */
@NullMarked
package org.linescribe.session.outbox;

import org.jspecify.annotations.NullMarked;
