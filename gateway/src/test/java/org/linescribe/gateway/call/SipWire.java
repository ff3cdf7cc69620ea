package org.linescribe.gateway.call;

import java.io.IOException;
import java.util.Optional;

/** A connection that carries whole SIP messages. */
interface SipWire extends AutoCloseable {
  /** As a Via has it: "TLS". */
  String transport();

  int localPort();

  void send(byte[] message) throws IOException;

  /** The next message; empty when none came in time. */
  Optional<String> receive(int limitMs) throws IOException;

  @Override
  void close();
}
