/** Phishing exercises with what they need of the others, and the two ports that are none of the API's. */
import { createSecretKey, randomBytes } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { configFailure, type Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Log } from '#platform/log';
import { readAddress, type Mail } from '#platform/mail';
import type { Identity } from '#practices/access';
import { openPhishing, shippedMails, sourceOfStarter, type Phishing } from '#practices/education';
import type { Privacy } from '#practices/privacy';
import { openIdentity, type Foundation } from '#practices/vault';

import type { Closer } from './close-all.ts';
import { listenHere } from './open-courses.ts';

const OFFICE = { zone: 'UTC', spans: [{ days: new Set([1, 2, 3, 4, 5]), from: 540, until: 1020 }] };

/** @param open takes what closes the ports; null: of a system that is only proven, which listens nowhere */
export async function openExercises(
  config: Config,
  foundation: Foundation,
  needs: Parameters<typeof wirePhishing>[2] & Readonly<{ log: Log }>,
  open: ((close: Closer) => void) | null,
): Promise<Phishing> {
  const phishing = await wirePhishing(config, foundation, needs);
  if (open !== null) await listenForPhishing(config, phishing, needs.log, open);
  return phishing;
}

async function wirePhishing(
  config: Config,
  foundation: Foundation,
  needs: Readonly<{ db: Db; clock: () => Date; audit: Audit; mail: Mail; identity: Identity; privacy: Privacy }>,
): Promise<Phishing> {
  const { identity, privacy } = needs;
  const { phishingUrl, publicUrl, helpDesk, businessHours } = config;
  if (phishingUrl !== null && phishingUrl === publicUrl)
    throw configFailure('MALFORMED', { detail: 'STRONGROOM_PHISHING_URL is the console’s: landing pages have a name of their own' });
  if (helpDesk !== null && readAddress(helpDesk) === null)
    throw configFailure('MALFORMED', { detail: 'STRONGROOM_HELP_DESK should be one address' });
  return openPhishing({
    ...needs,
    staff: identity.people.list,
    isCustomer: async (address) => (await privacy.myData.findByAddress(address)).length > 0,
    origin: config.phishingPort === null ? null : phishingUrl,
    helpDesk,
    hours: businessHours === null ? OFFICE : { zone: businessHours.timeZone, spans: businessHours.spans },
    templates: shippedMails(),
    sourceOf: sourceOfStarter,
    reportKey: createSecretKey(await openIdentity(foundation, 'education/reports', () => randomBytes(32))),
  });
} // prettier-ignore

/** On this machine alone: whatever is in front ends TLS, and says nothing of who comes. */
async function listenForPhishing(
  config: Config,
  phishing: Phishing,
  log: Log,
  open: (close: Closer) => void,
): Promise<void> {
  // without the path, which has a token in it
  const onFault = (err: unknown): void => log.error({ err }, 'a landing page or a report could not be taken');
  if (config.phishingUrl !== null && config.phishingPort !== null) {
    await listenHere(phishing.landing(onFault), config.phishingPort, open);
  }
  if (config.reportAddress !== null && config.reportPort !== null) {
    const intake = await phishing.intake(config.reportAddress, onFault);
    const listening = new Promise<void>((resolve, reject) => {
      intake.server.once('error', reject);
      intake.listen(config.reportPort as number, '127.0.0.1', resolve);
    });
    await listening;
    open(() => new Promise<void>((resolve) => intake.close(() => resolve())));
  }
}
