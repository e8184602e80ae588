/** What a log-in is, whoever's log it is from: which account, from where, whether it worked. */
import { CLASSES, type TrafficEvent } from '../event.ts';
import { subscriberAt, whoOf } from './watch.ts';

export type Attempt = Readonly<{
  source: string;
  account: string | undefined;
  /** Of IPv6 the /64 that it is in. */
  address: string | undefined;
  worked: boolean;
}>;

/** Of the class Authentication: logon (1), or where the sensor does not say (0). */
export function attemptOf(event: TrafficEvent): Attempt | null {
  if (event.class_uid !== CLASSES.authentication || event.activity_id > 1 || event.status_id === undefined) return null;
  return {
    source: event.metadata.log_name,
    account: whoOf(event),
    address: subscriberAt(event),
    worked: event.status_id === 1,
  };
}
