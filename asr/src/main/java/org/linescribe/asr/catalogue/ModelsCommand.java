package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code linescribe models list|pull|verify}. Exit status: 0 done, 1 a model is at fault, 2 usage.
 */
@Command(
    name = "models",
    description = "Lists, fetches and verifies recognition models.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ModelsCommand.ListModels.class,
      ModelsCommand.Pull.class,
      ModelsCommand.Verify.class
    })
public final class ModelsCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /** What the three have in common. */
  abstract static class Subcommand implements Callable<Integer> {
    @Spec @Nullable CommandSpec spec;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help message and exit.")
    boolean help;

    @Option(
        names = "--data",
        paramLabel = "DIR",
        defaultValue = "data",
        description = "The data folder (default: ${DEFAULT-VALUE}).")
    Path data = Path.of("data");

    final ModelCatalogue catalogue = ModelCatalogue.bundled();

    abstract int run(PrintWriter out) throws IOException;

    @Override
    public final Integer call() {
      CommandLine line = Objects.requireNonNull(spec).commandLine();
      PrintWriter out = line.getOut();
      try {
        return run(out);
      } catch (IllegalArgumentException e) {
        line.getErr().println(e.getMessage());
        return 2;
      } catch (IOException e) {
        line.getErr().println(e.getMessage());
        return 1;
      } finally {
        out.flush();
        line.getErr().flush();
      }
    }
  }

  @Command(name = "list", description = "Lists the models of the catalogue.")
  static final class ListModels extends Subcommand {
    private static final int WHISPER_LANGUAGES = 99;

    @Override
    int run(PrintWriter out) {
      ModelStore store = new ModelStore(data);
      String row = "%-62s %-9s %-10s %6s %-24s %5s  %-14s %-6s %s%n";
      out.printf(
          row, "name", "languages", "decodes", "Hz", "type", "MB", "state", "sha256", "licence");
      for (ModelDescription model : catalogue.models()) {
        String state =
            model.bundled()
                ? "bundled"
                : store.find(model.name()).isPresent() ? "installed" : "not installed";
        out.printf(
            row,
            model.name(),
            languages(model),
            model.type().isStreaming() ? "streaming" : "utterances",
            model.sampleRateHz(),
            model.type().key(),
            model.aboutMegabytes(),
            state,
            model.isHashed() ? "known" : "none",
            model.licence());
      }
      return 0;
    }

    /** The language, or how many there are. */
    private static String languages(ModelDescription model) {
      int known = model.type() == ModelType.WHISPER ? WHISPER_LANGUAGES : model.languages().size();
      return model.language().equals(SpokenLanguages.MANY) && known > 0
          ? known + " of them"
          : model.language();
    }
  }

  @Command(
      name = "pull",
      description = "Fetches a model into the data folder, checks it and unpacks it.",
      footer = {
        "",
        "An archive is used only when its SHA-256 is known: from the catalogue, from an earlier"
            + " pull",
        "into the same data folder, or by --sha256. The public models carry no hash in the",
        "catalogue yet ('models list' says so): for those, --trust-on-first-use believes the first"
            + " download, records its",
        "hash in DIR/models/lock.properties and holds every later download to it."
      })
  static final class Pull extends Subcommand {
    @Parameters(paramLabel = "NAME", description = "A name from 'models list'.")
    String name = "";

    @Option(names = "--sha256", paramLabel = "HASH", description = "The archive's SHA-256.")
    @Nullable String sha256;

    @Option(
        names = "--trust-on-first-use",
        description = "Believe the first download and remember its hash.")
    boolean trustOnFirstUse;

    @Option(
        names = "--url",
        paramLabel = "URL",
        description = "Fetch the archive from a mirror instead.")
    @Nullable URI url;

    @Override
    int run(PrintWriter out) throws IOException {
      ModelDescription model = catalogue.require(name);
      if (model.bundled()) {
        out.println(name + " comes with the program: nothing to pull");
        return 0;
      }
      if (url != null) {
        Optional<String> hash = model.archive().flatMap(ModelDescription.Archive::sha256);
        model = model.withArchive(new ModelDescription.Archive(url, hash));
      }
      ModelPuller.Trust trust =
          sha256 != null
              ? new ModelPuller.Trust.Sha256(sha256)
              : trustOnFirstUse ? new ModelPuller.Trust.FirstUse() : new ModelPuller.Trust.Known();
      Path installed =
          new ModelPuller(new ModelStore(data)).pull(model, trust, new PercentPrinter(out));
      out.println();
      out.println(name + " is installed in " + installed + "; use it by: --model " + name);
      return 0;
    }
  }

  @Command(name = "verify", description = "Checks installed models' files and their hashes.")
  static final class Verify extends Subcommand {
    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        description = "A name from 'models list'; without it, all that are there.")
    @Nullable String name;

    @Override
    int run(PrintWriter out) throws IOException {
      List<ModelDescription> models =
          name == null ? catalogue.models() : List.of(catalogue.require(name));
      ModelStore store = new ModelStore(data);
      boolean sound = true;
      for (ModelDescription model : models) {
        if (model.bundled()) {
          sound &= verify(out, store, model, BundledModel.directory(model.name()));
        } else if (name != null || store.find(model.name()).isPresent()) {
          sound &= verify(out, store, model, store.require(model.name()));
        }
      }
      return sound ? 0 : 1;
    }

    private static boolean verify(
        PrintWriter out, ModelStore store, ModelDescription model, Path directory)
        throws IOException {
      boolean sound = true;
      for (ModelStore.Verdict verdict : store.verify(model, directory)) {
        out.printf("%-60s %-50s %s%n", model.name(), verdict.file(), words(verdict.state()));
        sound &= verdict.state() == ModelStore.Verdict.State.SOUND;
      }
      try {
        ModelValidator.validate(model, directory);
      } catch (ModelException e) {
        out.println(e.getMessage());
        return false;
      }
      return sound;
    }

    private static String words(ModelStore.Verdict.State state) {
      return switch (state) {
        case SOUND -> "sound";
        case MISSING -> "MISSING";
        case ALTERED -> "ALTERED";
        case UNKNOWN -> "no hash known";
      };
    }
  }

  /** One line that counts up, at most once per percent or megabyte. */
  private static final class PercentPrinter implements ModelPuller.Progress {
    private final PrintWriter out;
    private long last = -1;

    PercentPrinter(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void at(long bytes, long totalBytes) {
      long step = totalBytes > 0 ? bytes * 100 / totalBytes : bytes >> 20;
      if (step != last) {
        last = step;
        out.printf("\r%d MB%s", bytes >> 20, totalBytes > 0 ? " (" + step + " %)" : "");
        out.flush();
      }
    }
  }
}
