package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.media.resources.Sha256;

/**
 * The models in the data folder: {@code models/NAME/…}, and what is remembered of them.
 *
 * <p>Thread: any. Errors: {@link IOException}, {@link ModelException} where a model is at fault.
 */
public final class ModelStore {
  private final Path folder;
  private final ModelLock lock;

  public ModelStore(Path dataDir) {
    this.folder = dataDir.resolve("models");
    this.lock = new ModelLock(folder);
  }

  /** A model that is ready to be validated and loaded. */
  public record Resolved(ModelDescription model, Path directory) {}

  /** A file of an installed model against what is known of it. */
  public record Verdict(String file, State state) {
    /** What a verification can find. */
    public enum State {
      SOUND,
      MISSING,
      ALTERED,
      UNKNOWN
    }
  }

  /** The model's description and folder, wherever it comes from. */
  public static Resolved resolve(ModelSource source, ModelCatalogue catalogue) throws IOException {
    return switch (source) {
      case ModelSource.Bundled() ->
          new Resolved(catalogue.require(BundledModel.NAME), BundledModel.directory());
      case ModelSource.Named(String name, Path dataDir) -> {
        ModelDescription model = catalogue.require(name);
        yield model.bundled()
            ? new Resolved(model, BundledModel.directory(name))
            : new Resolved(model, new ModelStore(dataDir).require(name));
      }
      case ModelSource.Directory(Path directory, Path _) ->
          new Resolved(LocalModel.describe(directory), directory);
    };
  }

  /** The installed model's folder. */
  public Optional<Path> find(String name) {
    Path directory = folder.resolve(name);
    return Files.isDirectory(directory) ? Optional.of(directory) : Optional.empty();
  }

  Path require(String name) throws ModelException {
    return find(name)
        .orElseThrow(
            () ->
                new ModelException(
                    "model %s is not installed in %s; get it by: linescribe models pull %s"
                        .formatted(name, folder, name)));
  }

  /** Compares the files that recognition loads with the catalogue's hashes and the lock's. */
  public List<Verdict> verify(ModelDescription model, Path directory) throws IOException {
    List<Verdict> verdicts = new ArrayList<>();
    for (ModelDescription.ModelFile file : new TreeMap<>(model.files()).values()) {
      Path path = directory.resolve(file.name());
      Optional<String> expected =
          file.sha256().isPresent() ? file.sha256() : lock.fileSha256(model.name(), file.name());
      Verdict.State state;
      if (!Files.isRegularFile(path)) {
        state = Verdict.State.MISSING;
      } else if (expected.isEmpty()) {
        state = Verdict.State.UNKNOWN;
      } else {
        state =
            Sha256.ofFile(path).equals(expected.get())
                ? Verdict.State.SOUND
                : Verdict.State.ALTERED;
      }
      verdicts.add(new Verdict(file.name(), state));
    }
    return verdicts;
  }

  /** One hash over the files that recognition loads and the language that it is told. */
  public static String contentSha256(ModelDescription model, Path directory, String language)
      throws IOException {
    StringBuilder content = new StringBuilder(model.type().key());
    if (!language.isEmpty()) {
      content.append(' ').append(language);
    }
    for (Map.Entry<String, ModelDescription.ModelFile> file :
        new TreeMap<>(model.files()).entrySet()) {
      content
          .append('\n')
          .append(file.getKey())
          .append(' ')
          .append(Sha256.ofFile(directory.resolve(file.getValue().name())));
    }
    return Sha256.ofText(content.toString());
  }

  /** A probe found this very content sound on this platform. */
  public boolean isProbed(String contentSha256) throws IOException {
    return lock.isProbed(contentSha256);
  }

  public void recordProbed(String contentSha256, String model) throws IOException {
    lock.recordProbed(contentSha256, model);
  }

  Path downloads() throws IOException {
    return Files.createDirectories(folder.resolve(".downloads"));
  }

  Optional<String> archiveSha256(String model) throws IOException {
    return lock.archiveSha256(model);
  }

  /** Moves a checked folder into place and remembers its hashes. Takes ownership of the folder. */
  Path install(ModelDescription model, Path fresh, String archiveSha256) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    for (ModelDescription.ModelFile file : model.files().values()) {
      hashes.put(file.name(), Sha256.ofFile(fresh.resolve(file.name())));
    }
    Path target = folder.resolve(model.name());
    Path old = downloads().resolve(model.name() + ".old");
    ResourceFiles.deleteTree(old);
    if (Files.exists(target)) {
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    lock.change(
        properties -> {
          properties.setProperty("archive." + model.name(), archiveSha256);
          hashes.forEach(
              (name, sha256) ->
                  properties.setProperty("file." + model.name() + "." + name, sha256));
        });
    ResourceFiles.deleteTree(old);
    return target;
  }
}
