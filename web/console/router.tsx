/** Which page stands at which address below /console. No customer's value is ever part of an address. */
import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router';

import { AssuranceArmingPage } from './pages/assurance-arming.tsx';
import { AssuranceBroughtPage } from './pages/assurance-brought.tsx';
import { AssuranceEngagementPage } from './pages/assurance-engagement.tsx';
import { AssuranceEngagementsPage } from './pages/assurance-engagements.tsx';
import { AssuranceFindingPage } from './pages/assurance-finding.tsx';
import { AssuranceFindingsPage } from './pages/assurance-findings.tsx';
import { AssuranceRunPage } from './pages/assurance-run.tsx';
import { AssuranceRunsPage } from './pages/assurance-runs.tsx';
import { AssurancePage } from './pages/assurance.tsx';
import { AuditPage } from './pages/audit.tsx';
import { BackupsPage } from './pages/backups.tsx';
import { CatalogueDraftPage } from './pages/catalogue-draft.tsx';
import { CatalogueVersionPage } from './pages/catalogue-version.tsx';
import { CatalogueVersionsPage } from './pages/catalogue-versions.tsx';
import { CataloguePage } from './pages/catalogue.tsx';
import { CustomerPage } from './pages/customer.tsx';
import { CustomersPage } from './pages/customers.tsx';
import { DiscoveryPage } from './pages/discovery.tsx';
import { GatePage } from './pages/gate.tsx';
import { DrillPage } from './pages/drill.tsx';
import { DrillsPage } from './pages/drills.tsx';
import { ExercisePage } from './pages/exercise.tsx';
import { ExportsPage } from './pages/exports.tsx';
import { FieldsPage } from './pages/fields.tsx';
import { GlassPage } from './pages/glass.tsx';
import { IncidentRegisterPage } from './pages/incident-register.tsx';
import { IncidentPage } from './pages/incident.tsx';
import { IncidentsPage } from './pages/incidents.tsx';
import { KeysPage } from './pages/keys.tsx';
import { LearnPage } from './pages/learn.tsx';
import { LessonPage } from './pages/lesson.tsx';
import { MailboxPage } from './pages/mailbox.tsx';
import { MePage } from './pages/me.tsx';
import { NamelessReportPage } from './pages/nameless-one.tsx';
import { NamelessPage } from './pages/nameless.tsx';
import { BrokenPage, NowherePage } from './pages/nowhere.tsx';
import { NoticesPage } from './pages/notices.tsx';
import { PeoplePage } from './pages/people.tsx';
import { PrivacyNoticePage } from './pages/privacy-notice.tsx';
import { PrivacyRequestsPage } from './pages/privacy.tsx';
import { PhishingPage } from './pages/phishing.tsx';
import { ReportPage } from './pages/report.tsx';
import { PoliciesPage } from './pages/policies.tsx';
import { PolicyPage } from './pages/policy.tsx';
import { RecordPage } from './pages/record.tsx';
import { RequestsPage } from './pages/requests.tsx';
import { RetentionPage } from './pages/retention.tsx';
import { ReviewPage } from './pages/review.tsx';
import { ReviewsPage } from './pages/reviews.tsx';
import { SignPolicyPage } from './pages/sign-policy.tsx';
import { TextPage, TextsPage } from './pages/texts.tsx';
import { TrainingPage } from './pages/training.tsx';
import { TrafficActorPage } from './pages/traffic-actor.tsx';
import { TrafficCasePage } from './pages/traffic-case.tsx';
import { TrafficCasesPage } from './pages/traffic-cases.tsx';
import { TrafficFirewallPage } from './pages/traffic-firewall.tsx';
import { TrafficRulesPage } from './pages/traffic-rules.tsx';
import { TrafficPage } from './pages/traffic.tsx';
import { UnusedPage } from './pages/unused.tsx';
import { ViolationPage } from './pages/violation.tsx';
import { ViolationsPage } from './pages/violations.tsx';
import { WelcomePage } from './pages/welcome.tsx';
import { WorkloadsPage } from './pages/workloads.tsx';
import { Frame } from './frame.tsx';

const root = createRootRoute({ component: Outlet });
const welcome = createRoute({ getParentRoute: () => root, path: '/welcome', component: WelcomePage });
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Frame });

const page = <Path extends string>(path: Path, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => inside, path, component });

export const customer = createRoute({
  getParentRoute: () => inside,
  path: '/customers/$record',
  component: () => <CustomerPage record={customer.useParams().record} />,
});
export const policy = createRoute({
  getParentRoute: () => inside,
  path: '/policies/$version',
  component: PolicyOf,
});
export const review = createRoute({
  getParentRoute: () => inside,
  path: '/reviews/$review',
  component: () => <ReviewPage review={review.useParams().review} />,
});

export const catalogue = createRoute({
  getParentRoute: () => inside,
  path: '/catalogue/versions/$version',
  component: () => <CatalogueVersionPage version={catalogue.useParams().version} />,
});

const trafficCase = createRoute({
  getParentRoute: () => inside,
  path: '/traffic/cases/$id',
  component: () => <TrafficCasePage id={trafficCase.useParams().id} />,
});

const assuranceRun = createRoute({
  getParentRoute: () => inside,
  path: '/assurance/runs/$id',
  component: () => <AssuranceRunPage id={assuranceRun.useParams().id} />,
});

const finding = createRoute({
  getParentRoute: () => inside,
  path: '/assurance/findings/$id',
  component: () => <AssuranceFindingPage id={finding.useParams().id} />,
});

const engagement = createRoute({
  getParentRoute: () => inside,
  path: '/assurance/engagements/$id',
  component: () => <AssuranceEngagementPage id={engagement.useParams().id} />,
});

const trafficActor = createRoute({
  getParentRoute: () => inside,
  path: '/traffic/actors/$actor',
  component: () => <TrafficActorPage actor={trafficActor.useParams().actor} />,
});

const incident = createRoute({
  getParentRoute: () => inside,
  path: '/incidents/$id',
  component: () => <IncidentPage id={incident.useParams().id} />,
});

/** By its key: words to the reporter of one are not those to another. */
const nameless = createRoute({
  getParentRoute: () => inside,
  path: '/incidents/reports/$id',
  component: () => <NamelessReportPage key={nameless.useParams().id} id={nameless.useParams().id} />,
});

const educationText = createRoute({
  getParentRoute: () => inside,
  path: '/texts/$kind/$id',
  component: TextOf,
});

const lesson = createRoute({
  getParentRoute: () => inside,
  path: '/learn/$course',
  component: LessonOf,
});

const exercise = createRoute({
  getParentRoute: () => inside,
  path: '/exercises/$exercise',
  component: ExerciseOf,
});

const drill = createRoute({
  getParentRoute: () => inside,
  path: '/drills/$id',
  component: DrillOf,
});

const violation = createRoute({
  getParentRoute: () => inside,
  path: '/violations/$id',
  component: ViolationOf,
});

const signing = createRoute({
  getParentRoute: () => inside,
  path: '/sign/$policy',
  component: SigningOf,
});

/** By its key: what is being written of one text is nothing of the next. */
function TextOf() {
  const { kind, id } = educationText.useParams();
  return <TextPage key={`${kind} ${id}`} kind={kind} id={id} />;
}

/** By its key: what was answered in one lesson is nothing of the next. */
function LessonOf() {
  const { course } = lesson.useParams();
  return <LessonPage key={course} course={course} />;
}

function ExerciseOf() {
  const { exercise: id } = exercise.useParams();
  return <ExercisePage key={id} exercise={id} />;
}

function DrillOf() {
  const { id } = drill.useParams();
  return <DrillPage key={id} id={id} />;
}

function ViolationOf() {
  const { id } = violation.useParams();
  return <ViolationPage key={id} id={id} />;
}

function SigningOf() {
  const { policy: id } = signing.useParams();
  return <SignPolicyPage key={id} policy={id} />;
}

/** By its key: a draft of one version is never a draft of the next one looked at. */
function PolicyOf() {
  const { version } = policy.useParams();
  return <PolicyPage key={version} version={version} />;
}

const tree = root.addChildren([
  welcome,
  inside.addChildren([
    page('/', CustomersPage),
    page('/phishing', PhishingPage),
    page('/report', ReportPage),
    customer,
    page('/requests', RequestsPage),
    page('/break-glass', GlassPage),
    page('/reviews', ReviewsPage),
    review,
    page('/unused', UnusedPage),
    page('/catalogue', CataloguePage),
    page('/catalogue/draft', CatalogueDraftPage),
    page('/catalogue/versions', CatalogueVersionsPage),
    catalogue,
    page('/gate', GatePage),
    page('/discovery', DiscoveryPage),
    page('/record', RecordPage),
    page('/privacy', PrivacyRequestsPage),
    page('/privacy-notice', PrivacyNoticePage),
    page('/policies', PoliciesPage),
    policy,
    page('/roles', () => <PolicyPage version="active" tab="roles" />),
    page('/people', PeoplePage),
    page('/keys', KeysPage),
    page('/workloads', WorkloadsPage),
    page('/retention', RetentionPage),
    page('/exports', ExportsPage),
    page('/fields', FieldsPage),
    page('/backups', BackupsPage),
    page('/assurance', AssurancePage),
    page('/assurance/runs', AssuranceRunsPage),
    assuranceRun,
    page('/assurance/arming', AssuranceArmingPage),
    page('/assurance/engagements', AssuranceEngagementsPage),
    engagement,
    page('/assurance/brought', AssuranceBroughtPage),
    page('/assurance/findings', AssuranceFindingsPage),
    finding,
    page('/traffic', TrafficPage),
    page('/traffic/cases', TrafficCasesPage),
    trafficCase,
    trafficActor,
    page('/traffic/rules', TrafficRulesPage),
    page('/traffic/firewall', TrafficFirewallPage),
    page('/learn', LearnPage),
    lesson,
    exercise,
    signing,
    page('/drills', DrillsPage),
    drill,
    page('/violations', ViolationsPage),
    violation,
    page('/training', TrainingPage),
    page('/texts', TextsPage),
    educationText,
    page('/incidents', IncidentsPage),
    page('/incidents/register', IncidentRegisterPage),
    page('/incidents/reports', NamelessPage),
    nameless,
    incident,
    page('/audit', AuditPage),
    page('/mailbox', MailboxPage),
    page('/notices', NoticesPage),
    page('/me', MePage),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: '/console',
  defaultPreload: false,
  defaultNotFoundComponent: NowherePage,
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
