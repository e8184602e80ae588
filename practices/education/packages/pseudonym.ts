/**
 * Who somebody is to a course made elsewhere, and in a history that leaves here as xAPI: an account of this site under a
 * name that says nothing, the same one always. It is computed back to a person by nobody without the key, and is no anonymity:
 * what is told under it has the moments at which things were done, and who has one certificate finds the person by them.
 * Source: xAPI 1.0.3 Data §2.4.2.1 (Agent, account); cmi5 §8.1 (an actor without personal data).
 */
import { createHmac, type KeyObject } from 'node:crypto';

export type ActorNeeds = Readonly<{
  /** 32 bytes, of this installation. */
  actorKey: KeyObject;
  /** Its URL: where the account is one. */
  site: string;
}>;
export type LearnerActor = Readonly<{
  objectType: 'Agent';
  account: Readonly<{ homePage: string; name: string }>;
}>;

/** @param person id of somebody who works here, `per_…` @returns 22 letters */
export const pseudonymOfPerson = (actorKey: KeyObject, person: string): string =>
  createHmac('sha256', actorKey).update('strongroom.learner\n').update(person).digest().subarray(0, 16).toString('base64url'); // prettier-ignore

/** @param person id of somebody who works here, `per_…` */
export const actorOfPerson = ({ actorKey, site }: ActorNeeds, person: string): LearnerActor => ({
  objectType: 'Agent',
  account: { homePage: site, name: pseudonymOfPerson(actorKey, person) },
});
