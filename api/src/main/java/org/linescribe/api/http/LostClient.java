package org.linescribe.api.http;

import io.netty.channel.unix.Errors;
import java.net.SocketException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.codec.DecodingException;
import reactor.core.publisher.Hooks;
import reactor.netty.channel.AbortedException;

/**
 * Tells a client that went in the middle of its request from a fault of ours: any client may go,
 * and may do so often, so that it is worth no line in the log.
 *
 * <p>Thread: any.
 */
final class LostClient {
  private static final Logger LOG = LoggerFactory.getLogger(LostClient.class);

  private LostClient() {}

  /** Whether an exchange failed because its connection did. */
  static boolean isCause(Throwable failure) {
    return failure instanceof AbortedException
        || failure instanceof SocketException
        || failure instanceof Errors.NativeIoException;
  }

  /**
   * A failure after a stream's end reaches no subscriber; Reactor logs it with its stack trace.
   * After a body that broke off, whose reader has failed already, that is noise. For the whole
   * process.
   */
  static void expectLateFailures() {
    Hooks.onErrorDropped(
        dropped -> {
          if (isCause(dropped) || dropped instanceof DecodingException) {
            LOG.debug("The rest of a body that broke off", dropped);
          } else {
            LOG.error("A failure after the end of its stream", dropped);
          }
        });
  }
}
