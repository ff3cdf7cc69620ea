package org.linescribe.gateway.ice;

/**
 * What both sides told each other of a stream's ICE.
 *
 * @param theirUfrag the peer's user name fragment; its password is not needed by a lite agent,
 *     which checks nothing itself
 */
public record IceSession(IceCredentials ours, String theirUfrag) {}
