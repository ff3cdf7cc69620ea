package org.linescribe.gateway.call;

import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipDialogListener;
import org.linescribe.gateway.sip.SipReferral;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;

/**
 * Dispatches a dialog's events to its call's event loop, as long as it is the call's.
 *
 * <p>Thread: any.
 */
record CallDialogListener(Call call, SipDialog dialog, PendingCall pending)
    implements SipDialogListener {
  private static final SipRefusal UNKNOWN = SipRefusal.of(481, "Call/Transaction Does Not Exist");

  private void dispatch(Runnable task, Runnable otherwise) {
    call.run(
        () -> {
          if (call.isPeer(dialog)) {
            task.run();
          } else {
            otherwise.run();
          }
        });
  }

  private void dispatch(Runnable task) {
    dispatch(task, () -> {});
  }

  @Override
  public void onCancel() {
    dispatch(call::onCancel);
  }

  @Override
  public void onAck(byte[] sdp) {
    // At once: from here on the call is given up for no other.
    if (pending.acknowledge()) {
      dispatch(() -> call.onAck(sdp));
    }
  }

  @Override
  public void onModify(SipTransaction change) {
    dispatch(() -> call.onModify(change), () -> change.reject(UNKNOWN));
  }

  @Override
  public void onRefer(SipReferral referral) {
    dispatch(() -> call.onRefer(referral), () -> referral.reject(UNKNOWN));
  }

  @Override
  public void onKey(char digit) {
    dispatch(() -> call.onKey(digit));
  }

  @Override
  public void onBye() {
    dispatch(() -> call.onPeerEnded(true));
  }

  @Override
  public void onLost() {
    dispatch(() -> call.onPeerEnded(false));
  }
}
