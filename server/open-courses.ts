/** The port of courses made elsewhere, which is none of the API's. */
import { once } from 'node:events';
import type { Server } from 'node:http';

import { configFailure, type Config } from '#platform/config';
import type { Log } from '#platform/log';
import type { Education } from '#practices/education';

import type { Closer } from './close-all.ts';

const hostOf = (url: string | null): string | null => (url === null ? null : new URL(url).hostname);

/** Null where they are not set up. Cookies know no ports, and a worker of an origin is one of all of its pages: so it is another host. */
export function coursesOrigin({ coursesUrl, coursesPort, publicUrl, phishingUrl }: Config): string | null {
  if (coursesUrl === null || coursesPort === null) return null;
  if ([publicUrl, phishingUrl].some((other) => hostOf(other) === hostOf(coursesUrl)))
    throw configFailure('MALFORMED', { detail: 'STRONGROOM_COURSES_URL is of the console’s host or that of phishing exercises: courses have a name of their own' }); // prettier-ignore
  return coursesUrl;
}

/** On this machine alone: whatever is in front ends TLS. */
export async function listenHere(server: Server, port: number, open: (close: Closer) => void): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  open(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
}

export async function listenForCourses(
  config: Config,
  education: Education,
  log: Log,
  open: (close: Closer) => void,
): Promise<void> {
  if (coursesOrigin(config) === null || config.coursesPort === null) return;
  const server = education.contents((err) => log.error({ err }, 'a course could not be served'));
  await listenHere(server, config.coursesPort, open);
}
