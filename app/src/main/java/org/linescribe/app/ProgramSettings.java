package org.linescribe.app;

import java.time.Duration;
import java.util.List;
import org.linescribe.app.tracing.TracingSettings;
import org.linescribe.asr.google.GoogleSettings;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.gateway.audiosocket.AudioSocketSettings;
import org.linescribe.gateway.call.CallSettings;
import org.linescribe.gateway.call.QualitySettings;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.session.text.TextSettings;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;

/** The settings that the assembly itself reads, and which records of other modules it binds. */
final class ProgramSettings {
  /** Every record that {@link Settings} binds, in the order of the reference. */
  static final List<Class<? extends Record>> RECORDS =
      List.of(
          Gateway.class,
          HttpTlsSettings.class,
          Model.class,
          SchedulerSettings.class,
          SessionSettings.class,
          StorageSettings.class,
          TextSettings.class,
          Providers.class,
          WhisperModel.class,
          UtteranceSettings.class,
          GoogleSettings.class,
          SqlStoreSettings.class,
          Redis.class,
          SipSettings.class,
          TlsSettings.class,
          SipWebSocketSettings.class,
          RtpSettings.class,
          AudioSocketSettings.class,
          CallSettings.class,
          QualitySettings.class,
          LineSettings.class,
          RegistrationSettings.class,
          CallRecordingSettings.class,
          EncryptionSettings.class,
          TracingSettings.class);

  private ProgramSettings() {}

  /** The process as a whole. */
  @SettingsGroup("linescribe")
  record Gateway(
      @Setting("HTTP and WebSocket, HOST:PORT; port 0 takes a free one.") @Default("127.0.0.1:8000")
          String http,
      @Setting(
              "Folder of the embedded database, the outbox and pulled models; one process at a"
                  + " time.")
          @Default("data")
          String data,
      @Setting("How long a stop may take to flush open utterances.")
          @Default("10s")
          @Range("0s to 5m")
          Duration drain,
      @Setting(
              "Log lines on standard output: text, or json (an object each, with session_id where"
                  + " the line is about one, and its trace_id where that is traced).")
          @Default("text")
          LogLines logFormat) {
    /** How log lines are written. */
    enum LogLines {
      TEXT,
      JSON
    }

    Gateway {
      SettingsCheck.ranges(Gateway.class, drain);
      SettingsCheck.require(!data.isBlank(), "linescribe.data", "''", "a folder");
    }
  }

  /** The model, streaming or of whole utterances. */
  @SettingsGroup("linescribe.model")
  record Model(
      @Setting("A model of the catalogue (linescribe models list).") @Default("moonshine-tiny-en")
          String name,
      @Setting(
              "A folder with a sherpa-onnx model, streaming (transducer, CTC, paraformer) or of"
                  + " whole utterances (Moonshine, Whisper, SenseVoice, NeMo, offline transducer);"
                  + " takes precedence over the name.")
          String dir,
      @Setting(
              "A second model, of whole utterances, that writes the text of finals; the first one,"
                  + " which must be streaming then, tells partials and where utterances end."
                  + " Empty: one model does both.")
          String finalName,
      @Setting(
              "The second model in a folder of yours; takes precedence over its name (final-name).")
          String finalDir,
      @Setting(
              "Language to recognise, a tag like en-US; empty: the model's own, or the one that it"
                  + " detects.")
          String language,
      @Setting(
              "Models that a session may ask for by name (model=, X-Model) beside the providers'"
                  + " own: bundled or pulled ones, comma between. Each is loaded when it is first"
                  + " asked for, and stays loaded.")
          @Default("moonshine-tiny-en,telephony-digits-en")
          List<String> others,
      @Setting(
              "Lets sessions name hotwords (hotwords=, a routing rule) to streaming transducers,"
                  + " which then search with a beam and take more of a core.")
          @Default("false")
          boolean hotwords) {
    private static final int MAX_OTHERS = 16;

    Model {
      others = others.stream().map(String::strip).filter(other -> !other.isEmpty()).toList();
      SettingsCheck.require(
          others.size() <= MAX_OTHERS,
          "linescribe.model.others",
          others.size() + " models",
          "at most " + MAX_OTHERS);
    }
  }

  /** Which recognisers there are. */
  @SettingsGroup("linescribe.providers")
  record Providers(
      @Setting(
              "sherpa, whisper, google, comma between. The first is the default; when one fails,"
                  + " the next continues the utterance. Those without a configuration are skipped.")
          @Default("sherpa,whisper,google")
          List<String> order) {}

  /** A second model, which decodes whole utterances. */
  @SettingsGroup("linescribe.providers.whisper")
  record WhisperModel(
      @Setting(
              "Folder of a sherpa-onnx model of whole utterances (Whisper, Moonshine, SenseVoice,"
                  + " NeMo, offline transducer); empty: not offered.")
          String dir,
      @Setting(
              "Language to recognise, a tag like en; empty: the model's own, or the one that it"
                  + " detects.")
          String language) {}

  /** The fleet's Redis. */
  @SettingsGroup("linescribe.redis")
  record Redis(
      @Setting(
              "redis://HOST:PORT for live transcripts and leases across machines;"
                  + " redis-sentinel://HOST:PORT,…#NAME, redis-cluster://HOST:PORT,…; rediss… for"
                  + " TLS. Empty: in process.")
          String url) {}
}
