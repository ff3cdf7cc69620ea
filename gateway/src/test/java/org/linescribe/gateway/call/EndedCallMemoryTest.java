package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of a call that has ended, while the SIP stack still waits for repetitions. */
final class EndedCallMemoryTest extends CalledGateway {
  /** By reflection: the gateway shows its calls to nobody, and a call its media. */
  private static Object field(Object of, String name) {
    try {
      var found = of.getClass().getDeclaredField(name);
      found.setAccessible(true);
      return found.get(of);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Its media and the RTP sessions of them. */
  private static List<WeakReference<Object>> media(Object call) {
    List<WeakReference<Object>> found = new ArrayList<>();
    Object media = field(field(call, "audio"), "media");
    found.add(new WeakReference<>(media));
    for (Object stream : (Collection<?>) field(media, "streams")) {
      found.add(new WeakReference<>(field(stream, "rtp")));
    }
    return found;
  }

  /** The calls are held here as the stack holds them, by their dialogs, for half a minute. */
  @Test
  void theMediaOfAnEndedCallIsGoneBeforeItsDialogIs() throws Exception {
    peer.call("");
    List<Object> calls = List.copyOf((Collection<?>) field(field(gateway, "calls"), "calls"));
    assertThat(calls).hasSize(1);
    List<WeakReference<Object>> media = media(calls.getFirst());
    assertThat(media).hasSize(2);

    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    await().until(() -> openCalls() == 0);

    await()
        .until(
            () -> {
              System.gc();
              return media.stream().allMatch(one -> one.refersTo(null));
            });
    assertThat(field(calls.getFirst(), "peer")).isNotNull();
  }
}
