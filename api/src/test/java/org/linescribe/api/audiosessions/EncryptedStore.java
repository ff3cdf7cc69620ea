package org.linescribe.api.audiosessions;

import java.util.concurrent.atomic.AtomicReference;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFiles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The files of a gateway that has keys, {@link #KEYS}; plain ones where that is empty. */
@Configuration(proxyBeanMethods = false)
class EncryptedStore {
  static final AtomicReference<String> KEYS = new AtomicReference<>("");

  @Bean
  RecordingFile.Store recordingFiles() {
    return new RecordingFiles(EncryptionKeys.of(new EncryptionSettings(KEYS.get(), "")));
  }
}
