/**
 * What cmi5 asks of a statement of a part, in the session that it comes in and after what was stated before (cmi5 Quartz
 * §7.1.3, §9). A fault says a rule and names nothing that was sent.
 */
import type { Statement } from './shape.ts';
import { CATEGORY, EXTENSION, OF_PARTS, VERBS, type Verb } from './words.ts';

/** What a session allows. */
export type SessionRules = Readonly<{
  session: string;
  part: number;
  mode: 'Normal' | 'Review';
  registration: string;
  actor: Statement['actor'];
  activity: string;
  /** What begins so is ours to name: no other activity of ours is this part's to speak of. */
  ours: string;
  publisherId: string;
  masteryScore: number | null;
}>;
/** Of the same registration, oldest first: those of cmi5 by parts. */
export type Before = Readonly<{ session: string; part: number | null; verb: Verb; saidAt: Date }>;
export type Fault = Readonly<{ status: 400 | 403; says: string }>;
export type Ruled = Readonly<{ fault: Fault } | { fault: null; kind: 'defined' | 'allowed'; verb: Verb | null }>;

const NAMES = new Map(Object.entries(VERBS).map(([name, id]) => [id as string, name as Verb]));
const refused = (says: string): Ruled => ({ fault: { status: 400, says } });
const forbidden = (says: string): Ruled => ({ fault: { status: 403, says } });

/** @param newest time of the newest statement of this session that is there already; null: none */
export function ruleOf(of: Statement, rules: SessionRules, before: readonly Before[], newest: Date | null): Ruled {
  const { context, object, result = {} } = of;
  const { category = [], grouping = [] } = context.contextActivities ?? {};
  const defined = category.some(({ id }) => id === CATEGORY.cmi5);
  const verb = NAMES.get(of.verb.id) ?? null;
  const { account } = of.actor;
  if (account.homePage !== rules.actor.account.homePage || account.name !== rules.actor.account.name) return forbidden('the actor is another one than this session is of');
  if (context.registration.toLowerCase() !== rules.registration) return forbidden('the registration is another one than this session is of');
  if (context.extensions?.[EXTENSION.session] !== rules.session) return forbidden('context.extensions has no session id, or that of another session');
  if (!grouping.some(({ id }) => id === rules.publisherId)) return refused('context.contextActivities.grouping lacks what the context template has');
  if (verb === 'voided') return forbidden('nothing is voided by a course');
  const own = object.id === rules.activity || object.id.startsWith(`${rules.activity}/`) || object.id.startsWith(`${rules.activity}#`);
  if (object.id.startsWith(rules.ours) && !own) return forbidden('the object is another part, block or course than this session is of');
  if (!/(Z|[+-]00(:?00)?)$/i.test(of.timestamp)) return refused('timestamp is not in UTC');

  const at = new Date(of.timestamp);
  const here = before.filter(({ session }) => session === rules.session);
  const begun = here.find((each) => each.verb === 'initialized');
  if (here.some((each) => each.verb === 'terminated')) return forbidden('the session was terminated');
  if (begun === undefined && !(defined && verb === 'initialized')) return refused('nothing comes before "initialized"');
  if (begun !== undefined && at < begun.saidAt) return refused('timestamp is before that of "initialized"');
  const { [EXTENSION.progress]: progress } = result.extensions ?? {};
  if (progress !== undefined && !(Number.isInteger(progress) && Number(progress) >= 0 && Number(progress) <= 100)) return refused('progress is no whole number of 0 to 100');
  if (!defined) return { fault: null, kind: 'allowed', verb: null };

  if (verb === null || !OF_PARTS.includes(verb)) return forbidden('this verb is not one that a part states as one of cmi5');
  if (object.id !== rules.activity) return forbidden('the object is not the activity of this session');
  if (here.some((each) => each.verb === verb)) return refused('this verb was stated in this session');
  if (verb === 'terminated' && newest !== null && at < newest) return refused('"terminated" has an earlier timestamp than what came before it');
  const judged = verb === 'completed' || verb === 'passed' || verb === 'failed';
  if (judged && rules.mode !== 'Normal') return forbidden('the part is only looked at: nothing of completion is stated in launch mode Review');
  const earlier = before.filter(({ part }) => part === rules.part).map((each) => each.verb);
  if (verb !== 'failed' && judged && earlier.includes(verb)) return refused('this verb was stated for this registration');
  if (verb === 'failed' && earlier.includes('passed')) return refused('"failed" does not come after "passed"');
  if ((verb === 'passed' || verb === 'failed') && here.some((each) => each.verb === 'passed' || each.verb === 'failed')) return refused('a session is passed or failed once');
  const says = resultFault(of, verb, rules.masteryScore);
  if (says !== null) return refused(says);
  if (category.some(({ id }) => id === CATEGORY.moveOn) !== judged) return refused('the category moveOn stands with success or completion, and nowhere else');
  return { fault: null, kind: 'defined', verb };
} // prettier-ignore

/** cmi5 §9.5: what a result has, by the verb; and a score that says what the verb says. */
function resultFault({ result = {}, context }: Statement, verb: Verb, masteryScore: number | null): string | null {
  const { score, success, completion, duration } = result;
  const scored = verb === 'passed' || verb === 'failed';
  if (success !== (scored ? verb === 'passed' : undefined)) return 'result.success is not what the verb says';
  if (completion !== (verb === 'completed' ? true : undefined)) return 'result.completion is not what the verb says';
  if (duration === undefined && verb !== 'initialized') return 'result.duration is missing';
  if (score === undefined) return null;
  if (!scored) return 'result.score stands with "passed" or "failed" alone';
  const { scaled, raw, min, max } = score;
  if (scaled !== undefined && (scaled < 0 || scaled > 1)) return 'result.score.scaled is not within 0 and 1';
  if (raw !== undefined && !(min !== undefined && max !== undefined && min <= raw && raw <= max && min < max)) return 'result.score.raw is not within its min and max';
  const reached = scaled ?? (raw === undefined || min === undefined || max === undefined ? null : (raw - min) / (max - min));
  if (masteryScore === null || reached === null) return null;
  if (reached >= masteryScore !== (verb === 'passed')) return 'the score and the verb say different things: masteryScore is between them';
  const told = context.extensions?.[EXTENSION.masteryScore];
  return told === undefined || told === masteryScore ? null : 'masteryScore is another one than that of the launch';
} // prettier-ignore
