/** People, their factors and their sessions, put together. */
import type { KeyObject } from 'node:crypto';

import type { Db } from '#platform/db';

import type { Access } from '../access.ts';
import type { Actor } from '../decide.ts';
import { sweepChallenges } from '../store/passkeys.ts';
import { sweepLogoutTokens } from '../store/provider-sessions.ts';
import { sweepSessions } from '../store/sessions.ts';
import { sweepTries } from '../store/tries.ts';
import { actorsOfPeople } from './actors-of-people.ts';
import { createChallenges } from './challenges.ts';
import { createEndedAccess, type EndedAccess } from './ended-access.ts';
import { createFactors, createOwnFactors, type Factors } from './factors.ts';
import { identityKeys } from './identity-keys.ts';
import { argon2id, COST, createPasswords, type Argon2, type Cost } from './password.ts';
import { createDiscover, type Provider } from './oidc-client.ts';
import { createOidc, type Oidc } from './oidc.ts';
import { createChoice } from './password-choice.ts';
import type { IsLeaked } from './leaked-passwords.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createPeople, type People } from './people.ts';
import { createProviderLogout, type ProviderLogout } from './provider-logout.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createGroups, type Groups } from '../scim/groups.ts';
import { createProvision, type Provision } from '../scim/provision.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createSlowing } from './slowing.ts';
import { createTries, type Tries } from './tries.ts';
import { createWorkloads, type WorkloadNeeds, type Workloads } from './workloads.ts';

export type Identity = Readonly<{
  people: People;
  sessions: Sessions;
  factors: Factors;
  passkeys: Passkeys;
  signIn: SignIn;
  tries: Tries;
  workloads: Workloads;
  oidc: Oidc;
  providerLogout: ProviderLogout;
  provision: Provision;
  endedAccess: EndedAccess;
  groups: Groups;
  /** People as the asker's policies see them, once for each role; null: everybody. */
  actorsOfPeople: (by: Actor, id: string | null) => Promise<readonly Actor[]>;
  /** Deletes what is over for a month. */
  sweep: () => Promise<void>;
  /** Deletes attempts and challenges that are over: strangers make them. */
  sweepAttempts: () => Promise<void>;
}>;

export type IdentityNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  access: Pick<Access, 'loadPolicies' | 'roles' | 'rolesWith' | 'notTogether'>;
  /** Of the addresses of users and groups; null: they have none. */
  origin: string | null;
  /** 32 bytes, wrapped by the root: seals factors, peppers passwords. */
  root: KeyObject;
  fetch: WorkloadNeeds['fetch'];
  isScope: WorkloadNeeds['isScope'];
  /** Null: nobody signs in elsewhere. */
  provider: Provider | null;
  isLeaked: IsLeaked;
  /** How many sessions a person has at once. */
  sessionsPerPerson: number;
  argon2?: Argon2;
  cost?: Cost;
}>;

export function createIdentity(needs: IdentityNeeds): Identity {
  const { db, clock, access, root, argon2 = argon2id, cost = COST } = needs;
  const keys = identityKeys(root);
  const passwords = createPasswords(keys.pepper, argon2, cost);
  const sessions = createSessions({
    db,
    clock,
    loadPolicies: access.loadPolicies,
    most: needs.sessionsPerPerson,
  });
  const checkChoice = createChoice(needs);
  const beginAttempt = createSlowing(db, keys);
  const discover = createDiscover(needs);
  const ownFactors = createOwnFactors(db);
  const { roles, rolesWith, notTogether } = access;
  const roleNeeds = { roles, rolesWith, notTogether };
  return {
    sessions,
    people: createPeople({
      db,
      clock,
      keys,
      passwords,
      checkChoice,
      sessions,
      ...roleNeeds,
    }),
    provision: createProvision({ db, clock, root: needs.origin ?? '', ...roleNeeds }),
    groups: createGroups({ db, ...roleNeeds }),
    endedAccess: createEndedAccess({ clock, ...roleNeeds }),
    factors: createFactors({ db, keys, passwords, checkChoice, beginAttempt, sessions, ownFactors }),
    passkeys: createPasskeys({ db, clock, sessions, challenges: createChallenges(db), ownFactors }),
    signIn: createSignIn({ db, keys, passwords, sessions, beginAttempt }),
    tries: createTries({ db, clock, nameless: keys.nameless }),
    workloads: createWorkloads({ ...needs, loadPolicies: access.loadPolicies, roles, notTogether }),
    oidc: createOidc({ db, clock, discover, keys, sessions, provider: needs.provider }),
    actorsOfPeople: (by, id) => actorsOfPeople(db, by, id),
    providerLogout: createProviderLogout({ db, clock, discover }),
    sweep: async () => {
      await sweepSessions(db);
      await sweepLogoutTokens(db);
    },
    sweepAttempts: async () => {
      await sweepChallenges(db);
      await sweepTries(db);
    },
  };
}
