package org.linescribe.session;

/** Is told of every source that opens a session on this node. */
@FunctionalInterface
public interface SessionOpeningListener {
  /**
   * A source has opened the session, for the first time or again, and has written nothing yet.
   *
   * <p>Thread: the opener's, under no lock; it may block shortly and must not throw.
   *
   * @param nextSeq number of the source's first final
   */
  void onOpened(SessionId sessionId, long nextSeq);
}
