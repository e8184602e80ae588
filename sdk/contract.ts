/**
 * The shapes that cross the wire, named and explained. They are made from docs/openapi.json (types.generated.ts): when
 * the server's schema moves, what no longer fits here does not compile.
 */
import type { Operations } from './types.generated.ts';

export type Body<Name extends keyof Operations> = Operations[Name]['body'];
export type Reply<
  Name extends keyof Operations,
  Status extends keyof Operations[Name]['responses'],
> = Operations[Name]['responses'][Status];

/** `sub_` and 26 letters. The person the data is about. */
export type SubjectId = string;
/** `rec_` and 39 letters; the first 26 are its subject's. */
export type RecordId = string;
/** What a field can hold; its type in the catalogue says which. Text at most 64 KiB. */
export type FieldValue = string | number | boolean | { readonly [name: string]: unknown } | readonly unknown[];
/** A place in the audit log; null where nothing was written. */
export type AuditIndex = number | null;

type WithFields<Shape extends { fields: unknown }> = Omit<Shape, 'fields'> &
  Readonly<{ fields: Readonly<Record<string, FieldValue>> }>;

/** `subject`: your own id of the person, or a subject known already; left out: a new one. `expiresAt`: ISO 8601, deleted after it. */
export type NewRecord = WithFields<Body<'putRecord'>>;
export type CreatedRecord = Reply<'putRecord', '201'>;
export type ChangedRecord = Reply<'patchRecord', '200'>;

/** `onDuplicate`: what is done with a record whose subject has one in this collection already. At most 1,000 records. */
export type Batch = Omit<Body<'putRecords'>, 'records'> &
  Readonly<{ records: readonly Omit<NewRecord, 'collection'>[] }>;
export type OnDuplicate = NonNullable<Batch['onDuplicate']>;
export type BatchReply = Reply<'putRecords', '200'>;
/** `index`: place in the batch, from 0. */
export type BatchResult = BatchReply['results'][number];

/** What is held. `search` of a field: the kinds of search it takes. */
export type CatalogView = Reply<'readCatalog', '200'>;

/** `auditIndex`: the entry of the audit log that was durable before this answer left. */
export type ReadRecord = Omit<Reply<'readRecord', '200'>, 'auditIndex'> & Readonly<{ auditIndex?: AuditIndex }>;
/** One field as this reader may have it. `clear`: the value. `masked`: most of it hidden. `denied`: nothing. */
export type ReadField = ReadRecord['fields'][string];

/** A value replaces, null removes, a field left out stays. */
export type RecordChange = Omit<Body<'patchRecord'>, 'fields'> &
  Readonly<{ fields?: Readonly<Record<string, FieldValue | null>> }>;

/** Equal after normalisation; or begins with; or in that month (`2026-11`). */
export type Condition = FieldValue | Readonly<{ prefix: string }> | Readonly<{ month: string }>;
/** `limit`: at most 100. */
export type SearchQuery = Omit<Body<'searchRecords'>, 'where'> &
  Readonly<{ where: Readonly<Record<string, Condition>> }>;
export type SearchPage = Reply<'searchRecords', '200'>;

export type Subject = Reply<'getSubject', '200'>;
export type FoundSubject = Reply<'findSubject', '200'>;
/** Proof of erasure; keep it. Holds no value of the person. */
export type ErasureReceipt = Reply<'eraseSubject', '200'>;
/** GDPR art. 18(1): what a subject is restricted for. */
export type RestrictionReason = Body<'restrictSubject'>['reason'];

/** `kind`: `random` means nothing; `format` looks like the value; `pairwise` is one for a value and an audience. */
export type NewToken = Body<'createToken'>;
export type TokenKind = NewToken['kind'];
export type CreatedToken = Reply<'createToken', '201'>;
export type OpenedToken = Reply<'openToken', '200'>;

export type AttachmentList = Reply<'listAttachments', '200'>;
/** `name`, `type` and `sha256` are there when `state` is `clear`. */
export type Attachment = AttachmentList['attachments'][number];
/** `replaced`: whether one of this name was there before. */
export type StoredAttachment = Reply<'putAttachment', '201'>;

/** `fingerprint`: compare it with what the vault's owner tells you by another way. */
export type PublishedIntakeKey = Reply<'intakeKey', '200'>;
/** Ids are there only for who may store records himself. */
export type ReceivedForm = Reply<'submitForm', '201'>;
export type IntakeKeys = Reply<'listIntakeKeys', '200'>;

/** `holder`: a subject, or nobody known; `said`: to which purposes; `text`: exactly what was shown, needed for a yes. */
export type NewConsents = Body<'recordConsents'>;
export type RecordedConsents = Reply<'recordConsents', '201'>;
export type ConsentLedger = Reply<'readConsents', '200'>;
export type PrivacyRequest = Reply<'decidePrivacyRequest', '200'>;
export type PrivacyRequestHistory = Reply<'getPrivacyRequest', '200'>;
export type NewPrivacyRequest = Body<'takePrivacyRequest'>;
export type PrivacyQuestion = Body<'clarifyPrivacyRequest'>;
export type PrivacyDecision = Body<'decidePrivacyRequest'>;
export type CopyCode = Reply<'sendCopyLink', '200'>;
export type CopyLinkMail = Body<'sendCopyLink'>;
export type RestrictedSubject = Reply<'endRestriction', '200'>;
export type RestrictionEnd = Body<'endRestriction'>;
export type TcfSettings = Body<'setTcf'>;
export type TcfStanding = Reply<'readTcf', '200'>;
export type TcStringFacts = Reply<'decodeTcString', '200'>;
export type RecordedTcString = Reply<'recordTcString', '200'>;
export type PrivacyClocks = Reply<'privacyClocks', '200'>;
export type PrivacyVouch = Body<'vouchForCustomer'>;
export type PrivacyProofRules = Reply<'privacyProofRules', '200'>;
export type PrivacyAssertion = Body<'assertCustomer'>;
export type AssertedSignIn = Reply<'assertCustomer', '200'>;
export type NoticeStanding = Reply<'readNotice', '200'>;
export type NoticeToPublish = Body<'publishNotice'>;
export type PublishedNotice = Reply<'publishNotice', '201'>;
export type MyTraining = Reply<'myTraining', '200'>;
export type TrainingDuty = MyTraining['duties'][number];
export type Course = Reply<'readCourse', '200'>;
export type BegunSitting = Reply<'beginSitting', '201'>;
export type GradedSitting = Reply<'handInSitting', '200'>;
export type PolicyToRead = Reply<'readEducationPolicy', '200'>;
export type PolicySignature = Body<'signPolicy'>;
export type SignedPolicy = Reply<'signPolicy', '201'>;
export type SignatureReceipt = Reply<'signatureReceipt', '200'>;
export type TrainingCoverage = Reply<'trainingCoverage', '200'>;
export type TrainingToAssign = Body<'assignTraining'>;
export type TrainingToRevoke = Body<'revokeTraining'>;
export type AbsenceToNote = Body<'noteAbsence'>;
export type Exemptions = Reply<'listExemptions', '200'>;
export type Absences = Reply<'listAbsences', '200'>;
export type ExemptionToAsk = Body<'askExemption'>;
export type EducationTexts = Reply<'listTexts', '200'>;
export type TextHistory = Reply<'readText', '200'>;
export type TextToPublish = Body<'publishText'>;
export type TextKind = TextToPublish['kind'];
export type PublishedText = Reply<'publishText', '201'>;
export type PhishTemplates = Reply<'listPhishTemplates', '200'>;
export type Exercises = Reply<'listExercises', '200'>;
export type PhishExercise = Reply<'getExercise', '200'>;
export type ExerciseToPlan = Body<'planExercise'>;
export type PlannedExercise = Reply<'planExercise', '201'>;
export type MailToReport = Body<'reportMail'>;
export type ReportThanks = Reply<'reportMail', '200'>;
export type ReportedMails = Reply<'listReports', '200'>;
export type OwnExercises = Reply<'ownExercises', '200'>;
export type UnsubscribeLink = Reply<'makeUnsubscribeLink', '200'>;

export type RotationKind = Body<'startRotation'>['what'];
/** Long work on all records: `done` of `total`, and at its end a `result`. */
export type Job = Reply<'startRotation', '202'>;

export type NewKey = Body<'createKey'>;
export type DataClass = NonNullable<NewKey['classes']>[number];
/** `key` is shown this once and stored nowhere. */
export type CreatedKey = Reply<'createKey', '201'>;
export type KeyEntry = Reply<'listKeys', '200'>['keys'][number];
/** `jwks` or `jwksUrl`, one of them: the public keys its issuer signs with. */
export type NewWorkload = Body<'trustWorkload'>;
export type TrustedWorkload = Reply<'trustWorkload', '201'>;
export type WorkloadEntry = Reply<'listWorkloads', '200'>['workloads'][number];
/** Roles and Cedar policies; docs/formats/policy-document.md. */
export type PolicyDocument = Body<'testPolicies'>['document'];
export type PolicyVersion = Reply<'approvePolicies', '200'>;
/** `broken`: rules that always hold and that it breaks; `diff`: decisions that come out otherwise. */
export type PolicyReview = Reply<'testPolicies', '200'>;
export type ProposedPolicies = Reply<'proposePolicies', '201'>;
export type PolicyMatrix = Reply<'policyMatrix', '200'>;
export type PolicyReplay = Reply<'replayPolicies', '200'>;
/** Of an identity provider (SCIM), and which roles it means. */
export type Group = Reply<'listGroups', '200'>['groups'][number];
export type Person = Reply<'listPeople', '200'>['people'][number];
export type Invitation = Reply<'invitePerson', '201'>;
export type SessionEntry = Reply<'listSessionsOf', '200'>['sessions'][number];
export type BegunSession = Reply<'acceptInvitation', '201'>;
/** What a role may ask for beyond what it may; null: nothing of the kind. */
export type Eligibility = Reply<'grantEligibility', '200'>;
export type GrantRequest = Body<'requestGrant'>;
/** A request, and what came of it: pending → approved → activated → expired, used-up, revoked; or denied, cancelled. */
export type Grant = Reply<'requestGrant', '201'>;
export type GrantState = Grant['state'];
export type GrantHistory = Reply<'getRequest', '200'>;
export type GlassAsk = Body<'breakGlass'>;
/** `review.overdue`: nobody has looked at it in time, and whoever broke it gets no grant. */
export type BrokenGlass = Reply<'listBrokenGlass', '200'>;
export type Review = Reply<'beginReview', '201'>;
export type ReviewItems = Reply<'getReview', '200'>;
export type ReviewChoice = Body<'decideReview'>;
/** The result of a closed review, and the log's proof of its hash. */
export type ReviewBundle = Reply<'reviewBundle', '200'>;
export type RoleRequest = Reply<'requestRole', '201'>;
export type RoleRequestAsk = Body<'requestRole'>;
export type RoleRequests = Reply<'listRoleRequests', '200'>;
export type UnusedPermissions = Reply<'listUnused', '200'>;
export type GlassReview = Body<'reviewBrokenGlass'>;
export type CatalogVersion = Reply<'approveCatalog', '200'>;
/** `effect`: breaking, rebuild, notice, safe (docs/formats/catalog.md §8). */
export type CatalogChanges = Reply<'diffCatalog', '200'>;
export type LintedCatalog = Reply<'lintCatalog', '200'>;
export type ProposedCatalog = Reply<'proposeCatalog', '201'>;
/** `indexWork`: the job that makes the search index anew, where a search changed. */
export type ActivatedCatalog = Reply<'activateCatalog', '200'>;
export type RecordOfProcessing = Reply<'recordOfProcessing', '200'>;
/** `flows` go from `source:…` to `collection:…`, and from there to `purpose:…` and `recipient:…`. */
export type DataMap = Reply<'dataMap', '200'>;
export type GateReport = Reply<'gateReport', '200'>;
/** Names, counts and reasons of a scan, as `strongroom collection scan` makes them; a value is refused. */
export type ScanHandedIn = Body<'reportScan'>;
export type KeptScan = Reply<'getScan', '200'>;
export type KeptScans = Reply<'listScans', '200'>;
/** `ignored` needs `reviewBy`, the day it is looked at again. */
export type DriftDecision = Body<'decideDrift'>;
export type DecidedDrift = Reply<'decideDrift', '200'>;
export type WhoAmI = Reply<'whoami', '200'>;
export type Health = Reply<'health', '200'>;
export type NoticeList = Reply<'listNotices', '200'>;
export type Notice = NoticeList['notices'][number];
export type MailState = Reply<'mailStatus', '200'>;
export type MailEntry = Reply<'listMails', '200'>['messages'][number];
export type MailWithContent = Reply<'getMail', '200'>;
export type SystemStatus = Reply<'status', '200'>;
/** `because`: code of the failure; `totalBytes`: what the tables have, roughly. */
export type BackupRun = Reply<'getBackup', '200'>;
export type BackupSegment = Reply<'listSegments', '200'>['segments'][number];
/** `nags`: what is wrong, in words. */
export type BackupStanding = Reply<'backupsStatus', '200'>;
/** `step`: how far it is; `because`: code of the failure. */
export type DrillRun = Reply<'getDrill', '200'>;
export type Scrubbed = Reply<'verifyBackups', '200'>;
export type Pruned = Reply<'pruneBackups', '200'>;
/** `exposedSeconds`: what would have been lost just before this backup was there. */
export type BackupPoint = Reply<'backupsTimeline', '200'>['points'][number];
/** `signed`: the report with two signatures (docs/formats/backup.md §2). */
export type BackupReport = Reply<'backupsReport', '200'>;

/** One line of the log: who did what, and how it came out; never a customer's value (docs/formats/audit-entry.md §1). */
export type AuditEntry = Readonly<{
  v: 1;
  ts: string;
  node: string;
  action: string;
  actor: Readonly<{ kind: 'service' | 'staff' | 'system' | 'subject'; id: string; role?: string }>;
  purpose?: string;
  /** Pseudonyms, at most 16; of more there are count and hash in `subjectSet`. */
  subjects?: readonly string[];
  subjectSet?: Readonly<{ count: number; hash: string }>;
  classes?: readonly string[];
  decision?: Readonly<{
    allow: boolean;
    policies: readonly string[];
    policyVersion: string;
    grants?: readonly string[];
  }>;
  outcome: 'done' | 'denied' | 'failed';
  detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  personal?: Readonly<{ subject: string; sealed: string }>;
  requestId?: string;
}>;
/** An entry is null where its bytes are no JSON any more: somebody changed them, and `audit verify` says so. */
export type AuditEntries = Readonly<{
  size: number;
  entries: readonly Readonly<{ index: number; entry: AuditEntry | null }>[];
}>;
/** What is shown to sign in: password, and a code or a recovery code where there is an authenticator app. */
export type SignIn = Body<'signIn'>;
export type StepUp = Body<'stepUp'>;
export type NewLink = Body<'newPersonLink'>;
/** Who is signed in here, and how. `mfa: stale`: a second factor was shown too long ago for what asks for a fresh one. */
export type Session = Reply<'currentSession', '200'>;
export type Factors = Reply<'listFactors', '200'>;
export type TotpOffer = Reply<'offerTotp', '200'>;
/** Each is good once; shown this one time. */
export type RecoveryCodes = Reply<'confirmTotp', '200'>;

/** WebAuthn's own options, for the browser. */
export type PasskeyOptions = Reply<'passkeyOptions', '200'>;
export type PasskeyAnswer = Body<'signInByPasskey'>['response'];
export type PasskeyAttestation = Body<'addPasskey'>['response'];
export type Passkey = Reply<'listPasskeys', '200'>['passkeys'][number];
export type AddedPasskey = Reply<'addPasskey', '201'>;

/** `subject`: `id`, or `collection` with `externalId`. */
export type SubjectEvent = Body<'recordEvents'>['events'][number];
export type EventResults = Reply<'recordEvents', '200'>;
export type Hold = Reply<'requestHold', '201'>;
export type NewHold = Body<'requestHold'>;
export type RetentionStatus = Reply<'retentionStatus', '200'>;
/** A plan, and what was done of it. */
export type RetentionRun = Reply<'planRetention', '201'>;
export type RetentionSettings = Body<'proposeRetentionSettings'>;
export type RetentionSettingsView = Reply<'proposeRetentionSettings', '200'>;
export type RetentionProof = Reply<'proveRetention', '200'>;
export type Erasures = Reply<'listErasures', '200'>;

export type FieldUses = Reply<'listFieldUses', '200'>;
export type FieldProposal = Reply<'listFieldProposals', '200'>['proposals'][number];
/** `keep` needs `reviewBy`, the day it is looked at again. */
export type FieldDecision = Body<'decideFieldProposal'>;
/** `version`: of the catalogue, proposed without the field. */
export type DecidedProposal = Reply<'decideFieldProposal', '200'>;

/** What may leave for analysis, how and for whom; or what may be counted. */
export type ExportProfile = Body<'proposeExportProfile'>;
export type ExportProfileView = Reply<'proposeExportProfile', '201'>;
/** `report`: how many left, how coarse, k and l as measured. */
export type ExportRun = Reply<'listExportRuns', '200'>['runs'][number];
/** ε in thousandths. */
export type CountAsk = Body<'countPeople'>;
export type CountAnswer = Reply<'countPeople', '200'>;
export type Counts = Reply<'listCounts', '200'>;
