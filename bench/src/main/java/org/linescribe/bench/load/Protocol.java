package org.linescribe.bench.load;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import org.linescribe.bench.load.ApiLoad.Target;

/** How clients of other systems send a call, in frames of 20 ms at 8 kHz. */
enum Protocol {
  TWILIO {
    @Override
    String path(String id) {
      return "/ws/media-streams/" + id + "?results=true";
    }

    @Override
    void begin(WebSocket socket) {
      text(
          socket,
          "{\"event\":\"start\",\"start\":{\"callSid\":\"CA1\",\"tracks\":[\"inbound\"],"
              + "\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\",\"sampleRate\":8000}}}");
    }

    @Override
    void frame(WebSocket socket, byte[] muLaw, byte[] pcm) {
      text(
          socket,
          "{\"event\":\"media\",\"media\":{\"track\":\"inbound\",\"payload\":\""
              + Base64.getEncoder().encodeToString(muLaw)
              + "\"}}");
    }

    @Override
    void end(WebSocket socket) {
      text(socket, "{\"event\":\"stop\"}");
    }
  },

  DEEPGRAM {
    @Override
    String path(String id) {
      return "/v1/listen?encoding=mulaw&sample_rate=8000&interim_results=true&session_id=" + id;
    }

    @Override
    void end(WebSocket socket) {
      text(socket, "{\"type\":\"CloseStream\"}");
    }
  },

  VOSK {
    @Override
    String path(String id) {
      return "/vosk?session_id=" + id;
    }

    @Override
    void begin(WebSocket socket) {
      text(socket, "{\"config\":{\"sample_rate\":8000}}");
    }

    @Override
    void frame(WebSocket socket, byte[] muLaw, byte[] pcm) {
      binary(socket, pcm);
    }

    @Override
    void end(WebSocket socket) {
      text(socket, "{\"eof\":1}");
    }
  },

  OPENAI {
    @Override
    String path(String id) {
      return "/v1/realtime?intent=transcription&session_id=" + id;
    }

    @Override
    void begin(WebSocket socket) {
      text(
          socket,
          "{\"type\":\"session.update\",\"session\":{\"type\":\"transcription\",\"audio\":{"
              + "\"input\":{\"format\":{\"type\":\"audio/pcmu\"},\"turn_detection\":{"
              + "\"type\":\"server_vad\",\"silence_duration_ms\":800}}}}}");
    }

    @Override
    void frame(WebSocket socket, byte[] muLaw, byte[] pcm) {
      text(
          socket,
          "{\"type\":\"input_audio_buffer.append\",\"audio\":\""
              + Base64.getEncoder().encodeToString(muLaw)
              + "\"}");
    }

    /** The protocol has no end but the close. */
    @Override
    void end(WebSocket socket) {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
  },

  AUDIOSOCKET {
    @Override
    String path(String id) {
      throw new UnsupportedOperationException("TCP");
    }

    @Override
    void end(WebSocket socket) {
      throw new UnsupportedOperationException("TCP");
    }
  };

  static final int FRAME_SAMPLES = Speech.FRAME_SAMPLES;

  abstract String path(String id);

  void begin(WebSocket socket) {}

  void frame(WebSocket socket, byte[] muLaw, byte[] pcm) {
    binary(socket, muLaw);
  }

  abstract void end(WebSocket socket);

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Sends all of it, and the end. */
  void sendAll(WebSocket socket, Speech speech, long startNs, long frameNs, Figures figures) {
    sendAudio(socket, speech, startNs, frameNs, figures);
    end(socket);
  }

  /**
   * Sends all of it.
   *
   * @param frameNs between two frames, 0 for as fast as they are taken
   */
  void sendAudio(WebSocket socket, Speech speech, long startNs, long frameNs, Figures figures) {
    byte[] muLaw = speech.muLaw();
    byte[] pcm = speech.bytes();
    begin(socket);
    long dueNs = startNs;
    long lateNs = 0;
    for (int at = 0; at < muLaw.length; at += FRAME_SAMPLES) {
      dueNs += frameNs;
      if (frameNs > 0) {
        Clients.sleepUntil(dueNs);
      }
      int end = Math.min(muLaw.length, at + FRAME_SAMPLES);
      frame(socket, Arrays.copyOfRange(muLaw, at, end), Arrays.copyOfRange(pcm, 2 * at, 2 * end));
      lateNs = Math.max(lateNs, System.nanoTime() - dueNs);
    }
    if (frameNs > 0) {
      figures.latency("latest send", lateNs);
    }
  }

  /** Asterisk's side of an AudioSocket connection, to its end. */
  static void audioSocket(Target target, UUID id, Speech speech, long startNs, long frameNs)
      throws IOException {
    try (java.net.Socket socket =
        new java.net.Socket(InetAddress.getLoopbackAddress(), target.audioSocketPort())) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] uuid =
          ByteBuffer.allocate(16)
              .putLong(id.getMostSignificantBits())
              .putLong(id.getLeastSignificantBits())
              .array();
      write(out, 0x01, uuid);
      byte[] pcm = speech.bytes();
      long dueNs = startNs;
      for (int at = 0; at < pcm.length; at += 2 * FRAME_SAMPLES) {
        dueNs += frameNs;
        if (frameNs > 0) {
          Clients.sleepUntil(dueNs);
        }
        write(out, 0x10, Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + 2 * FRAME_SAMPLES)));
      }
      write(out, 0x00, new byte[0]);
      socket.getInputStream().readAllBytes();
    }
  }

  private static void write(DataOutputStream out, int kind, byte[] payload) throws IOException {
    byte[] frame = new byte[3 + payload.length];
    frame[0] = (byte) kind;
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    System.arraycopy(payload, 0, frame, 3, payload.length);
    out.write(frame);
  }

  static void text(WebSocket socket, String text) {
    socket.sendText(text, true).join();
  }

  static void binary(WebSocket socket, byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }
}
