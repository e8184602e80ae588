/**
 * Strongroom's client for TypeScript and JavaScript: no dependencies, Node 20 and browsers. README.md is the quick start.
 */
export { createStrongroom, isLoopback, type Strongroom, type StrongroomOptions } from './client.ts';
export type * from './contract.ts';
export {
  readIntakeKey,
  sealForm,
  type FormValue,
  type IntakeForm,
  type IntakeKey,
  type IntakeKeyDocument,
  type MlKem768Encapsulate,
} from './intake.ts';
export { isProblem, StrongroomProblem, type ClientCode } from './problem.ts';
export type { Body, CallOptions, Fetch } from './transport.ts';
export type { AttachmentContent, Attachments, GetOptions, PutOptions, WhichAttachment } from './attachments.ts';
export type { Backups } from './backups.ts';
export type {
  CaseAsk,
  EventAsk,
  Honey,
  Measure,
  Playbook,
  RuleTrial,
  Suppression,
  Traffic,
  TrafficAlert,
  TrafficCase,
  TrafficEvents,
  TrafficActor,
  TrafficLive,
  TrafficRule,
  TrafficRules,
  TrafficSensor,
  WholeCase,
} from './traffic.ts';
export type { Collection } from './collection.ts';
export type { Education } from './education.ts';
export type {
  IncidentDrill,
  IncidentDrillAbout,
  IncidentDrillLine,
  IncidentDrills,
  IncidentDrillScope,
  IncidentDrillToBegin,
} from './incident-drills.ts';
export type {
  Violation,
  ViolationChoice,
  ViolationLine,
  Violations,
  ViolationSource,
  ViolationToOpen,
} from './violations.ts';
export type { Exercise, ExerciseLine, GradedExercises, HandedInExercise } from './exercises.ts';
export type {
  AdvisoryFeeds,
  Arm,
  Assurance,
  AssuranceExport,
  ControlRun,
  ControlTest,
  Engagement,
  FeedName,
  Finding,
  FindingAsk,
  FindingChange,
  Posture,
  Scanner,
  SettledVex,
  TakenReport,
  WholeEngagement,
  WholeFinding,
  WholeRun,
} from './assurance.ts';
export type {
  Certificates,
  CertificateToCheck,
  CertificateToCopy,
  CheckedCertificate,
  OwnedCertificates,
} from './certificates.ts';
export type {
  BegunPart,
  BegunRun,
  CoursePackage,
  CoursePackages,
  CourseRun,
  Packages,
  PackageToTake,
  PartToWaive,
  RunStatements,
  RunToTell,
  ToldRun,
} from './packages.ts';
export type { CoursePackageKind, HistoryToExport, TrainingExports } from './training-exports.ts';
export type { Phishing, PhishTemplate, TriedPhishTemplate } from './phishing.ts';
export type {
  AuthorityNotice,
  Incident,
  Incidents,
  IncidentChange,
  IncidentList,
  IncidentReceipt,
  IncidentRegister,
  NamelessReport,
  NamelessReports,
  NamelessStep,
  ReportLink,
  IncidentScope,
  IncidentToReport,
  ScopeCriteria,
  ScopeSubjects,
  SubjectNotices,
} from './incidents.ts';
export type {
  ExerciseToPlan,
  Exercises,
  OwnExercises,
  PhishExercise,
  PhishTemplates,
  ReportedMails,
  ReportThanks,
} from './contract.ts';
export type { Restrictions } from './restrictions.ts';
export type { PrivacyRequestPage, PrivacyRequests, PrivacySaid, PrivacyTakenBack } from './privacy-requests.ts';
export type { PrivacyNotice } from './notice.ts';
export type { Consents } from './consents.ts';
export type { Export, ExportQuery } from './export.ts';
export type { Exports } from './exports.ts';
export type { Algorithms, Audit, Keys, Rotations, Status, Verification } from './operations.ts';
export type { Groups } from './groups.ts';
export type { Acceptance, NewPerson, People } from './people.ts';
export type { Grants } from './grants.ts';
export type { Mails } from './mail.ts';
export type { Notices } from './notices.ts';
export type { Fields, Holds, Retention } from './retention.ts';
export { verifyCertificate, type Certificate } from './verify-certificate.ts';
export type { Reviews } from './reviews.ts';
export type { ExportRequest, ExportRequests } from './export-requests.ts';
export type { RoleRequests } from './role-requests.ts';
export type { Policies } from './policies.ts';
export type { ReadOptions, Records, Search } from './records.ts';
export type { FetchedIntakeKey, SealedIntake } from './sealed-intake.ts';
export type { Tcf } from './tcf.ts';
export type { Subjects } from './subjects.ts';
export type { Tokens } from './tokens.ts';
export type { Workloads } from './workloads.ts';
export { cellsOf, factChoices, under, usual, type FactChoice } from './usual-cells.ts';
export { verifyProof, type ProvenEntry } from './verify-proof.ts';
