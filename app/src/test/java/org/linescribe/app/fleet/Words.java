package org.linescribe.app.fleet;

import java.util.ArrayList;
import java.util.List;

/**
 * Words that were said and are not in a transcript, or the other way round, apart for what was
 * disturbed and what was not.
 *
 * @param said words in recordings that nothing disturbed
 * @param wrong of these; and words too many beside them
 * @param disturbedSaid words in recordings during which a gateway was lost
 * @param disturbedMissing of these
 * @param disturbedOther of these, others in their place or too many
 */
record Words(int said, int wrong, int disturbedSaid, int disturbedMissing, int disturbedOther) {
  static final Words NONE = new Words(0, 0, 0, 0, 0);

  private static final int FULL = 1000;

  /** Where two alignments are equally good, an error is taken to be where something broke. */
  private static final int DISTURBED = 999;

  private record Said(String word, boolean disturbed) {}

  static Words of(List<Sent.Unit> units, String transcript) {
    List<Said> said = new ArrayList<>();
    for (Sent.Unit unit : units) {
      for (String word : unit.words().split(" ")) {
        said.add(new Said(word, unit.disturbed()));
      }
    }
    String[] heard = transcript.isBlank() ? new String[0] : transcript.strip().split("\\s+");
    int[][] cost = new int[said.size() + 1][heard.length + 1];
    for (int i = 0; i <= said.size(); i++) {
      for (int j = 0; j <= heard.length; j++) {
        if (i == 0 && j == 0) {
          continue;
        }
        int best = Integer.MAX_VALUE;
        if (i > 0) {
          best = cost[i - 1][j] + costOf(said.get(i - 1));
        }
        if (j > 0) {
          best = Math.min(best, cost[i][j - 1] + costBeside(said, i));
        }
        if (i > 0 && j > 0) {
          best = Math.min(best, cost[i - 1][j - 1] + costOf(said.get(i - 1), heard[j - 1]));
        }
        cost[i][j] = best;
      }
    }
    return counted(said, heard, cost);
  }

  private static int costOf(Said word) {
    return word.disturbed() ? DISTURBED : FULL;
  }

  private static int costOf(Said word, String heard) {
    return word.word().equals(heard) ? 0 : costOf(word);
  }

  private static int costBeside(List<Said> said, int i) {
    return isDisturbedBeside(said, i) ? DISTURBED : FULL;
  }

  private static boolean isDisturbedBeside(List<Said> said, int i) {
    return i > 0 && said.get(i - 1).disturbed() || i < said.size() && said.get(i).disturbed();
  }

  private static Words counted(List<Said> said, String[] heard, int[][] cost) {
    int wrong = 0;
    int missing = 0;
    int other = 0;
    int i = said.size();
    int j = heard.length;
    while (i > 0 || j > 0) {
      if (i > 0
          && j > 0
          && cost[i][j] == cost[i - 1][j - 1] + costOf(said.get(i - 1), heard[j - 1])) {
        i--;
        j--;
        if (!said.get(i).word().equals(heard[j])) {
          wrong += said.get(i).disturbed() ? 0 : 1;
          other += said.get(i).disturbed() ? 1 : 0;
        }
      } else if (i > 0 && cost[i][j] == cost[i - 1][j] + costOf(said.get(i - 1))) {
        i--;
        wrong += said.get(i).disturbed() ? 0 : 1;
        missing += said.get(i).disturbed() ? 1 : 0;
      } else {
        j--;
        boolean disturbed = isDisturbedBeside(said, i);
        wrong += disturbed ? 0 : 1;
        other += disturbed ? 1 : 0;
      }
    }
    int disturbedSaid = (int) said.stream().filter(Said::disturbed).count();
    return new Words(said.size() - disturbedSaid, wrong, disturbedSaid, missing, other);
  }

  Words plus(Words more) {
    return new Words(
        said + more.said,
        wrong + more.wrong,
        disturbedSaid + more.disturbedSaid,
        disturbedMissing + more.disturbedMissing,
        disturbedOther + more.disturbedOther);
  }
}
