/**
 * Names of the numbers that a node keeps in its engine's state. Part of the format, never reused, and so they stand here: the
 * engine makes nothing of them, but whoever reads a directory without a node wants to say what they are.
 */
export const STATE_STAMP_CEILING = 1;
export const STATE_BOOT = 2;
export const STATE_ACTOR = 3;
/** How far expiry had come when the ceiling was set: stamps run ahead of it after a quick restart. */
export const STATE_WALL_MS = 4;
