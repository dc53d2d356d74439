/** What an event means to the one who tallies: small integers, so that nothing is made on the hot path. */

/** Go on waiting. */
export const CONTINUE = 0;
/** It changed nothing: a second answer of one seat, another placement number, a seat that has no say, or all is over. */
export const IGNORED = 1;
/** Enough seats, for the first time: reply. */
export const MET = 2;
/** It can never be met any more. */
export const FAILED = 3;
/** The deadline came first. */
export const TIMED_OUT = 4;
/** There is a newer placement: begin again under it. */
export const START_AGAIN = 5;
/** Write only: as `MET`, but a replica answers something newer. Merge it and write again above it, then reply. */
export const OVERTAKEN = 6;
/** Read only: the records of the seats in `asked` are wanted. */
export const MISMATCH = 7;
/** Read only: every record that is wanted is there. Merge, and say `merged`. */
export const MERGE = 8;
/** Read only: bring the merge to the seats in `asked`, durably. */
export const REPAIR = 9;

export type TallyCode =
  | typeof CONTINUE
  | typeof IGNORED
  | typeof MET
  | typeof FAILED
  | typeof TIMED_OUT
  | typeof START_AGAIN
  | typeof OVERTAKEN
  | typeof MISMATCH
  | typeof MERGE
  | typeof REPAIR;
