package org.linescribe.api.transcribe;

/** Exactly the three members that the document shows. */
record TranscribeMessage(String type, String text, long seq) {}
