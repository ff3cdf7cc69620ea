package org.linescribe.session.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.session.Participant;
import org.linescribe.session.SourceRequest;

class LegParticipantsTest {
  private static final Participant ALICE = participant("Alice");
  private static final Participant BOB = participant("Bob");
  private static final Participant CAROL = participant("Carol");

  private final LegParticipants participants =
      new LegParticipants(
          List.of(
              new SourceRequest.Leg("1", 8000, Optional.of(ALICE)),
              new SourceRequest.Leg("2", 8000)));

  private static Participant participant(String name) {
    return new Participant(name, "", Optional.empty());
  }

  @Test
  void anUtteranceBelongsToWhoSpokeWhenItBegan() {
    participants.changed(0, 5000, BOB);
    participants.changed(0, 9000, CAROL);

    assertThat(participants.at(0, 4999)).contains(ALICE);
    assertThat(participants.at(0, 5000)).contains(BOB);
    assertThat(participants.at(0, 8000)).contains(BOB);
    assertThat(participants.at(0, 20_000)).contains(CAROL);
    assertThat(participants.at(1, 20_000)).isEmpty();
  }

  @Test
  void keepsTheNewestOfVeryManyChanges() {
    for (int i = 0; i < 10_000; i++) {
      participants.changed(1, i, participant("p" + i));
    }

    assertThat(participants.at(1, 10_000)).contains(participant("p9999"));
  }

  @Test
  void aNameThatIsTooLongIsCutBetweenCharacters() {
    Participant cut = new Participant("x".repeat(127) + "😀", "a".repeat(300), Optional.empty());

    assertThat(cut.name()).isEqualTo("x".repeat(127));
    assertThat(cut.aor()).hasSize(255);
  }
}
