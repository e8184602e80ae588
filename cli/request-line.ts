/** One request of a customer as a line. */
import type { PrivacyRequest } from '@strongroom/sdk';

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
}: PrivacyRequest): string =>
  `${id}  ${kind.padEnd(11)} ${state.padEnd(10)} ${paused ? 'clock stands, was due' : overdue ? 'OVERDUE since' : 'due'} ${dueAt.slice(0, 10)}  ${subject}${firstEyes === null ? '' : `  first: ${firstEyes}`}${mail === null || mail === 'sent' ? '' : `  MAIL ${mail}`}`;
