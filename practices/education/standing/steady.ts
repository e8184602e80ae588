/**
 * The time that decides access. A clock that was set back must not bring back what has lapsed: the newest entry of the log
 * is later, and counts. One that was set forward lets many lapse at once, which the bulk guard sees.
 */
export const steadyNow = (clock: Date, newestEntry: Date | null): Date =>
  newestEntry !== null && newestEntry > clock ? newestEntry : clock;
