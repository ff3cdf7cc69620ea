package org.linescribe.gateway.sip;

/**
 * What the peer does in a dialog.
 *
 * <p>Thread: a SIP event loop or the stack's timer; must not block.
 */
public interface SipDialogListener {
  /** The peer gave up before the answer; the CANCEL is answered already. */
  void onCancel();

  /**
   * The ACK to the 2xx of an INVITE or of a re-INVITE.
   *
   * @param sdp the answer to our offer, empty when there was none
   */
  void onAck(byte[] sdp);

  /** A re-INVITE or UPDATE, to be answered. */
  void onModify(SipTransaction transaction);

  /** The peer ended the call; the BYE is answered already. */
  void onBye();

  /** Our 200 was never acknowledged, or the stack lost the dialog. */
  void onLost(String why);
}
