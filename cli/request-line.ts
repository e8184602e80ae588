/** One request of a customer as a line. */
import type { PrivacyRequest } from '@strongroom/sdk';

/** How sure it is who asks. */
const LEVELS: readonly string[] = ['none', 'reasonable', 'high'];

export const requestLine = ({
  id,
  kind,
  state,
  dueAt,
  overdue,
  subject,
  firstEyes,
  paused,
  mail,
  proof,
}: PrivacyRequest): string =>
  `${id}  ${kind.padEnd(11)} ${state.padEnd(10)} ${paused ? 'clock stands, was due' : overdue ? 'OVERDUE since' : 'due'} ${dueAt.slice(0, 10)}  ${subject}${firstEyes === null ? '' : `  first: ${firstEyes}`}${mail === null || mail === 'sent' ? '' : `  MAIL ${mail}`}  ${proof.asker === 'subject' ? '' : `by ${proof.asker}, `}${proof.reached}${proof.needed === null || LEVELS.indexOf(proof.reached) >= LEVELS.indexOf(proof.needed) ? '' : ` of ${proof.needed}`}`;
