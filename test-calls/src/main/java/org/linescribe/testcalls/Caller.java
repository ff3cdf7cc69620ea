package org.linescribe.testcalls;

/** One way to place calls: SIP or WebSocket. Thread: any, many calls at once. */
public sealed interface Caller extends AutoCloseable permits SipCaller, WebSocketCaller {
  /**
   * Places a call and returns when it is answered.
   *
   * @param sessionId the id to ask for; the peer may choose another, see {@link
   *     OpenCall#sessionId()}
   * @throws CallFailedException nobody answers, or refuses
   * @throws InterruptedException the call is cancelled
   */
  OpenCall open(String sessionId) throws CallFailedException, InterruptedException;

  /** Where the calls go and how, for people: "sip:127.0.0.1:5060 (PCMU over UDP)". */
  String description();

  /** Ends what is shared by all calls; those still open are broken. */
  @Override
  void close();
}
