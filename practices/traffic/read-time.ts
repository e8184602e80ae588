/** Times that somebody asks for. */
import { trafficFailure } from './failures.ts';

/** What a database can hold too, and somebody can mean. */
const [FIRST, LAST] = [Date.UTC(1970, 0), Date.UTC(9999, 11, 31)];

/** @throws TRAFFIC_TIME_MALFORMED */
export function readTime(text: string): Date {
  const at = Date.parse(text);
  if (!(at >= FIRST && at <= LAST)) throw trafficFailure('TIME_MALFORMED');
  return new Date(at);
}
