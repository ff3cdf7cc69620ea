package org.linescribe.api.transcribe;

/**
 * The first message to a client that can send audio again.
 *
 * @param audioFrom what the session wants next, in the client's own count of bytes
 */
record ResumeMessage(String type, long audioFrom) {}
