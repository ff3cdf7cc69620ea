package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The pieces that a model writes words with. For hotwords: the library prints what it cannot spell
 * to stderr, where no customer's words may be, so that only what can be spelt reaches it.
 *
 * <p>A word begins with {@code ▁}, as SentencePiece has it. The library wants the pieces' scores
 * too, in a file of its own; those of a BPE model fall with the piece's number, which is its line.
 */
final class Vocabulary {
  private static final String WORD_BEGIN = "▁";

  private final Set<String> pieces = new LinkedHashSet<>();
  private final int longest;
  private final boolean upperOnly;
  private final boolean lowerOnly;

  private Vocabulary(List<String> lines) {
    for (String line : lines) {
      int space = line.lastIndexOf(' ');
      if (space > 0 && !line.startsWith("<")) {
        pieces.add(line.substring(0, space));
      }
    }
    String all = String.join("", pieces);
    longest = pieces.stream().mapToInt(String::length).max().orElse(0);
    upperOnly = all.equals(all.toUpperCase(Locale.ROOT));
    lowerOnly = !upperOnly && all.equals(all.toLowerCase(Locale.ROOT));
  }

  static Vocabulary read(Path tokens) throws IOException {
    return new Vocabulary(Files.readAllLines(tokens));
  }

  /** Whether its pieces are those of words, so that hotwords can be spelt with them. */
  boolean isOfWordPieces() {
    return pieces.stream().anyMatch(piece -> piece.startsWith(WORD_BEGIN));
  }

  /** The pieces with scores, as {@code bpe_vocab} of the library's configuration has them. */
  List<String> scored() {
    int[] number = {0};
    return pieces.stream().map(piece -> piece + "\t-" + number[0]++).toList();
  }

  /** Those of the phrases that the model can spell, in its case, as the library takes them. */
  String spelt(List<String> phrases) {
    return phrases.stream().map(this::inCase).filter(this::spells).collect(Collectors.joining("/"));
  }

  private String inCase(String phrase) {
    return upperOnly
        ? phrase.toUpperCase(Locale.ROOT)
        : lowerOnly ? phrase.toLowerCase(Locale.ROOT) : phrase;
  }

  private boolean spells(String phrase) {
    for (String word : phrase.split(" ")) {
      if (!isSpelt(WORD_BEGIN + word)) {
        return false;
      }
    }
    return true;
  }

  private boolean isSpelt(String word) {
    boolean[] reached = new boolean[word.length() + 1];
    reached[0] = true;
    for (int from = 0; from < word.length(); from++) {
      for (int to = from + 1;
          reached[from] && to <= Math.min(word.length(), from + longest);
          to++) {
        reached[to] |= pieces.contains(word.substring(from, to));
      }
    }
    return reached[word.length()];
  }
}
