/**
 * How much a socket may hold back before its source has to wait. Node reads up to 64 KiB at a time; with its own limit of
 * 16 KiB (Node 20) every piece of a long body would stop the source and start it again.
 */
export const SOCKET_BUFFER = 262_144;
