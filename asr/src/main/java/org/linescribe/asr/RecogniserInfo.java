package org.linescribe.asr;

/**
 * What a recogniser is and wants.
 *
 * @param provider the implementation, "sherpa"
 * @param model the catalogue's name of the model, stored with every segment
 * @param language BCP 47 tag of what it recognises
 * @param sampleRateHz the one rate of PCM that its streams accept, 8000 or 16000
 */
public record RecogniserInfo(String provider, String model, String language, int sampleRateHz) {}
