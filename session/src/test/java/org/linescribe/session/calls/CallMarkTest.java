package org.linescribe.session.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CallMarkTest {
  @Test
  void isFoundAmongAttributesInTheOrderOfItsTime() {
    CallMark late = new CallMark(100_000, "complaint");
    CallMark early = new CallMark(900, "");

    assertThat(
            CallMark.of(
                Map.of(
                    late.key(),
                    late.value(),
                    early.key(),
                    early.value(),
                    "mark.x",
                    "no mark",
                    "codec",
                    "pcmu")))
        .containsExactly(early, late);
    assertThat(CallMark.isMark("mark.12")).isTrue();
    assertThat(CallMark.isMark("markup")).isFalse();
  }

  @Test
  void refusesWhatIsNoMoment() {
    assertThatThrownBy(() -> new CallMark(-1, "")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CallMark(0, "x".repeat(201))).hasMessageContaining("at most 200");
  }
}
