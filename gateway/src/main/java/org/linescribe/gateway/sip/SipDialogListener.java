package org.linescribe.gateway.sip;

/**
 * Events of a dialog.
 *
 * <p>Thread: a SIP event loop or the stack's timer; must not block.
 */
public interface SipDialogListener {
  /** The peer cancelled before the answer; the CANCEL is answered already. */
  void onCancel();

  /**
   * The ACK to the 2xx of an INVITE or of a re-INVITE.
   *
   * @param sdp the answer to our offer, empty when there was none
   */
  void onAck(byte[] sdp);

  /** A re-INVITE or UPDATE, to be answered. */
  void onModify(SipTransaction transaction);

  /** A REFER where the dialog takes them, to be accepted or rejected. */
  void onRefer(SipReferral referral);

  /** The peer ended the call; the BYE is answered already. */
  void onBye();

  /** INFO with a key that was pressed. */
  void onKey(char digit);

  /** The 200 was never acknowledged, or the stack terminated the dialog. */
  void onLost();
}
