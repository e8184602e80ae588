/**
 * The client: one object, a namespace for each thing the server has.
 */
import { createAssurance, type Assurance } from './assurance.ts';
import { createAttachments, type Attachments } from './attachments.ts';
import { createCollection, type Collection } from './collection.ts';
import { createConsents, type Consents } from './consents.ts';
import { createBackups, type Backups } from './backups.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { createExport, type Export } from './export.ts';
import { createExports, type Exports } from './exports.ts';
import {
  createAlgorithms,
  createAudit,
  createKeys,
  createRotations,
  createStatus,
  createVerification,
  type Algorithms,
  type Audit,
  type Keys,
  type Rotations,
  type Status,
  type Verification,
} from './operations.ts';
import { createEducation, type Education } from './education.ts';
import { createIncidentDrills, type IncidentDrills } from './incident-drills.ts';
import { createViolations, type Violations } from './violations.ts';
import { createExercises, type GradedExercises } from './exercises.ts';
import { createCertificates, type Certificates } from './certificates.ts';
import { createIncidents, type Incidents } from './incidents.ts';
import { createPackages, type Packages } from './packages.ts';
import { createTrainingExports, type TrainingExports } from './training-exports.ts';
import { createPhishing, type Phishing } from './phishing.ts';
import { createGroups, type Groups } from './groups.ts';
import { createNotice, type PrivacyNotice } from './notice.ts';
import { createPrivacyRequests, type PrivacyRequests } from './privacy-requests.ts';
import { createRestrictions, type Restrictions } from './restrictions.ts';
import { createPeople, type People } from './people.ts';
import { createGrants, type Grants } from './grants.ts';
import { createMails, type Mails } from './mail.ts';
import { createNotices, type Notices } from './notices.ts';
import { createFields, createHolds, createRetention, type Fields, type Holds, type Retention } from './retention.ts';
import { createReviews, type Reviews } from './reviews.ts';
import { createExportRequests, type ExportRequests } from './export-requests.ts';
import { createRoleRequests, type RoleRequests } from './role-requests.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createFactors, createSessions, type OwnFactors, type Sessions } from './session.ts';
import { createPolicies, type Policies } from './policies.ts';
import { clientProblem } from './problem.ts';
import { createRecords, createSearch, type Records, type Search } from './records.ts';
import { createSealedIntake, type SealedIntake } from './sealed-intake.ts';
import { createSubjects, type Subjects } from './subjects.ts';
import { createTcf, type Tcf } from './tcf.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createWorkloads, type Workloads } from './workloads.ts';
import { checkedKey, createTransport, type Fetch } from './transport.ts';

export type StrongroomOptions = Readonly<{
  /** Such as `https://strongroom.example.org`. Beyond this machine it has to be https. */
  url: string | URL;
  /** `srk_…`, or a function that fetches it before each request, for keys that are renewed. Held in a closure, never printed. */
  key?: string | (() => string | Promise<string>);
  /** In a page of the server itself: who is signed in asks, by the browser's cookie. Instead of a key. */
  session?: boolean;
  /** Purpose of every read that names none of its own. */
  purpose?: string;
  /** Another `fetch`, for proxies or tests. Default: the platform's. */
  fetch?: Fetch;
  /** How often a call is tried again after a network error, 429, 502, 503 or 504. Default 4. */
  retries?: number;
  /** Milliseconds for each attempt. Default 30,000. */
  timeoutMs?: number;
  /** From 0 to 1, for the jitter of retries. Default `Math.random`. */
  random?: () => number;
}>;

export type Strongroom = {
  readonly records: Records;
  readonly search: Search;
  readonly subjects: Subjects;
  readonly tokens: Tokens;
  readonly attachments: Attachments;
  readonly export: Export;
  readonly intake: SealedIntake;
  readonly rotations: Rotations;
  readonly verification: Verification;
  readonly algorithms: Algorithms;
  readonly audit: Audit;
  readonly keys: Keys;
  readonly workloads: Workloads;
  readonly people: People;
  readonly groups: Groups;
  readonly policies: Policies;
  readonly grants: Grants;
  readonly reviews: Reviews;
  /** A second pair of eyes on exports. */
  readonly exportRequests: ExportRequests;
  readonly roleRequests: RoleRequests;
  readonly mail: Mails;
  readonly notices: Notices;
  readonly session: Sessions;
  readonly factors: OwnFactors;
  readonly passkeys: Passkeys;
  readonly consents: Consents;
  readonly notice: PrivacyNotice;
  readonly education: Education;
  /** Of who signs in, or whose own key it is: done on made-up customers, graded from the audit log. */
  readonly exercises: GradedExercises;
  /** Incidents that are made up, played through against the clock. */
  readonly incidentDrills: IncidentDrills;
  readonly violations: Violations;
  readonly phishing: Phishing;
  /** Papers of what was passed and signed. */
  readonly certificates: Certificates;
  /** Courses made elsewhere (SCORM). */
  readonly packages: Packages;
  /** Courses of ours as packages, and learning history, for other learning systems. */
  readonly trainingExports: TrainingExports;
  readonly incidents: Incidents;
  readonly tcf: Tcf;
  readonly backups: Backups;
  readonly traffic: Traffic;
  readonly assurance: Assurance;
  readonly privacyRequests: PrivacyRequests;
  readonly restrictions: Restrictions;
  readonly collection: Collection;
  readonly retention: Retention;
  readonly holds: Holds;
  readonly fields: Fields;
  readonly exports: Exports;
  readonly status: Status;
};

/**
 * @example
 * const room = createStrongroom({ url: 'http://127.0.0.1:7700', key: process.env.STRONGROOM_KEY, purpose: 'support' });
 * const customer = await room.records.get(id);
 * customer.fields.email; // { state: 'masked', masked: 'a••@e••••••.org' }
 * @throws SDK_REFUSED when the URL is no URL, or would send the key over a network in clear
 */
export function createStrongroom(options: StrongroomOptions): Strongroom {
  const { key } = options;
  if (key !== undefined && options.session === true)
    throw clientProblem('SDK_REFUSED', 'a key and a session at once', 'a page uses its session, a program its key');
  const transport = createTransport({
    url: checkedUrl(options.url),
    key: typeof key === 'string' ? held(checkedKey(key)) : key,
    session: options.session === true,
    purpose: options.purpose,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    retries: options.retries ?? 4,
    timeoutMs: options.timeoutMs ?? 30_000,
    random: options.random ?? Math.random,
  });
  return {
    records: createRecords(transport),
    search: createSearch(transport),
    subjects: createSubjects(transport),
    tokens: createTokens(transport),
    attachments: createAttachments(transport),
    export: createExport(transport),
    intake: createSealedIntake(transport),
    rotations: createRotations(transport),
    verification: createVerification(transport),
    algorithms: createAlgorithms(transport),
    audit: createAudit(transport),
    keys: createKeys(transport),
    workloads: createWorkloads(transport),
    people: createPeople(transport),
    groups: createGroups(transport),
    policies: createPolicies(transport),
    grants: createGrants(transport),
    reviews: createReviews(transport),
    exportRequests: createExportRequests(transport),
    roleRequests: createRoleRequests(transport),
    mail: createMails(transport),
    notices: createNotices(transport),
    session: createSessions(transport),
    factors: createFactors(transport),
    passkeys: createPasskeys(transport),
    consents: createConsents(transport),
    education: createEducation(transport),
    exercises: createExercises(transport),
    incidentDrills: createIncidentDrills(transport),
    violations: createViolations(transport),
    phishing: createPhishing(transport),
    certificates: createCertificates(transport),
    packages: createPackages(transport),
    trainingExports: createTrainingExports(transport),
    incidents: createIncidents(transport),
    notice: createNotice(transport),
    tcf: createTcf(transport),
    backups: createBackups(transport),
    traffic: createTraffic(transport),
    assurance: createAssurance(transport),
    privacyRequests: createPrivacyRequests(transport),
    restrictions: createRestrictions(transport),
    collection: createCollection(transport),
    retention: createRetention(transport),
    holds: createHolds(transport),
    fields: createFields(transport),
    exports: createExports(transport),
    status: createStatus(transport),
  };
}

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** True for an address of this very machine. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

function checkedUrl(text: string | URL): URL {
  if (!URL.canParse(String(text))) {
    throw clientProblem('SDK_REFUSED', 'the url is not a URL', 'write it as https://host or http://127.0.0.1:7700');
  }
  const url = new URL(text);
  // localhost:7700 is a URL too, of the scheme localhost
  if (!/^https?:$/.test(url.protocol)) {
    throw clientProblem(
      'SDK_REFUSED',
      'the url has no https:// before it',
      'write it as https://host or http://127.0.0.1:7700',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw clientProblem('SDK_REFUSED', 'the url carries a password', 'pass the API key as `key` instead');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw clientProblem(
      'SDK_REFUSED',
      `${url.protocol}//${url.host} would send key and data over the network in clear`,
      'use https, or http to this machine only',
    );
  }
  return url;
}

const held = (key: string) => () => key;
