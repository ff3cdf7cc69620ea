package org.linescribe.bench.asr;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Word errors of another server's texts, counted as {@code linescribe call} counts ours: {@code
 * TextWords FOLDER TEXTS}, a folder of recordings with a manifest, and a JSON object with a text
 * for each file name.
 */
public final class TextWords {
  private TextWords() {}

  public static void main(String[] args) throws Exception {
    JsonNode texts = JsonMapper.shared().readTree(Files.readString(Path.of(args[1])));
    WordErrors errors = WordErrors.NONE;
    for (RecordedCall call : RecordedCall.find(List.of(Path.of(args[0])), null)) {
      String words = call.words();
      String text = texts.path(call.file().getFileName().toString()).asString("");
      errors = words == null ? errors : errors.plus(WordErrors.between(words, text));
    }
    System.out.printf(
        Locale.ROOT,
        "%d words, %d wrong (%.1f %%)%n",
        errors.words(),
        errors.errors(),
        100 * errors.rate());
  }
}
