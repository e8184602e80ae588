/** The door of education: texts and their readers, the rules of what follows, and the practice as it runs. */
export { createEducation, type Education, type EducationNeeds } from './education.ts';
export { educationRoutes } from './http/index.ts';
export { faultText, type ContentFault, type Read } from './content/fault.ts';
export type { Block, Inline, LinkTarget } from './content/tree.ts';
export { readExercise, type Exercise } from './exercises/exercise.ts';
export { gradeExercise, type Bound, type ExerciseGrade, type LogEntry } from './exercises/grade.ts';
export { tellGrade, type ToldGrade } from './exercises/tell.ts';
export {
  BREACH_CLOCKS,
  hoursLeft,
  runningClock,
  type BreachFacts,
  type RunningClock,
} from './incidents/breach-clocks.ts';
export { LEAVES } from './incidents/leaves.ts';
export { openIncidents, type Incidents } from './incidents/open.ts';
export { openIntake, type Intake } from './intake/intake.ts';
export { readLesson, type Lesson } from './lessons/lesson.ts';
export { judgeLanding, parseBeacon, type Beacon, type Landing, type LandingRequest } from './phishing/landing.ts';
export { openPhishing, type Phishing } from './phishing/open.ts';
export type { PhishingNeeds } from './phishing/needs.ts';
export { ratePhish, type PhishRating } from './phishing/phish-scale.ts';
export { riskTier, type Fall, type RiskTier } from './phishing/risk-tier.ts';
export { readPhishTemplate, type PhishTemplate } from './phishing/template.ts';
export { readPolicy, type Policy } from './policies/policy.ts';
export { readQuiz, type Quiz } from './quiz/quiz.ts';
export { beginSitting, handIn, type Begun, type HandedIn, type Sitting } from './quiz/sitting.ts';
export { bulkLapses, type BulkLapse, type Member } from './standing/bulk-guard.ts';
export { reminderDue } from './standing/reminders.ts';
export {
  effectOf,
  standingOf,
  USUAL_RULES,
  type Effect,
  type Facts,
  type Rules,
  type Standing,
} from './standing/standing.ts';
export type { ViolationStep } from './violations/needs.ts';
export { steadyNow } from './standing/steady.ts';
export { createZone, type Zone } from './standing/zone.ts';
export { readShelf, shippedMails, shippedPlaybooks, sourceOfStarter, type Shelf } from './starters/shelf.ts';
