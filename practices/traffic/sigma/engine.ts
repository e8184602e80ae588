/**
 * Runs rules over events: an event finds its candidates, candidates are asked, matches go on to correlations, and what is left is
 * said once for each rule, key and window.
 */
import type { Alert, Detector } from '../alert.ts';
import { CLASSES, type ClassUid, type TrafficEvent } from '../event.ts';
import { alertOf } from './alert-of.ts';
import { nothingSpent, spend } from './budget.ts';
import { createCandidates, type Candidates } from './candidates.ts';
import { compileDetection, needsOf, type Matcher } from './compile.ts';
import { createCorrelating } from './correlate.ts';
import { createKeyRoom } from './keys.ts';
import { matchesTooMuch } from './quiet-sample.ts';
import { explanationOf } from './explain.ts';
import type { SigmaRule, SingleRule } from './rule.ts';
import { breadthOf, keyOf, partsOf, suspensionOf, uidOf, type Part } from './say.ts';
import { fieldOf } from './taxonomy.ts';
import { createSlots, View } from './view.ts';
import { emptyWindow, type Fired } from './window.ts';

export type RuleState = Readonly<{
  id: string;
  title: string;
  file: string;
  /** `idle`: no sensor makes events of its logsource. `part`: it says nothing by itself, correlations stand on it. */
  state: 'running' | 'part' | 'idle' | 'suspended';
  because: string | null;
  /** Since the start: events that matched, alerts that were given. */
  matches: number;
  alerts: number;
}>;

export type Sigma = Detector &
  Readonly<{
    states: () => readonly RuleState[];
  }>;

export type SigmaNeeds = Readonly<{
  /** As readRules gives them: a correlation stands after its rules. */
  rules: readonly SigmaRule[];
  /** Keys held at most, of correlations and of what was already said. */
  most: number;
  /** Our own clock, in milliseconds; without it the time that an event came in is taken. */
  now?: () => number;
  /** Alerts an hour that a rule gives one by one that does not say another number; what is beyond is told together. */
  budget?: number;
  /** ids of rules that were suspended before a restart. */
  suspended?: readonly string[];
  /** ids of rules that a person let run, although they match much of an ordinary day. */
  meant?: readonly string[];
}>;

const HOUR_MS = 3_600_000;
/** A sensor's clock may be so far ahead of ours. */
const AHEAD_MS = 300_000;
const ENTRIES_PER_KEY = 16;

type Running = {
  readonly rule: SigmaRule;
  readonly index: number;
  /** Says something by itself. */
  readonly speaks: boolean;
  readonly quietMs: number;
  suspended: string | null;
  /** Why it was suspended from the start. */
  readonly before: string | null;
  spent: ReturnType<typeof nothingSpent>;
  matches: number;
  /** Of them, what neither failed nor was found to be bad by its source: of failures alone a flood is made. */
  ordinary: number;
  alerts: number;
  /** Correlations that stand on it, and at which place of theirs. */
  readonly feeds: { correlation: number; stage: number }[];
  /** Rules that look at events and that it is made of; itself where it is one. */
  readonly standsOn: Set<number>;
};

export function createSigma({ rules, most, now, budget = 50, suspended = [], meant = [] }: SigmaNeeds): Sigma {
  const windows = createKeyRoom({
    most: Math.ceil(most / 2),
    mostWeight: most * ENTRIES_PER_KEY,
    make: emptyWindow,
    weightOf: ({ entries }) => entries.length,
  });
  const saidRoom = createKeyRoom({
    most: Math.ceil(most / 2),
    mostWeight: Infinity,
    make: () => ({ window: Number.NaN }),
    weightOf: () => 1,
  });
  const said = saidRoom.holder();
  const running = runningOf(rules, new Set(suspended), new Set(meant));
  const byName = new Map(
    running.flatMap((each) =>
      [each.rule.id, each.rule.name].flatMap((name) => (name === null ? [] : [[name, each] as const])),
    ),
  );
  const correlating = new Map(
    running.flatMap(({ rule, index }) => {
      if (rule.kind === 'rule') return [];
      const members = rule.correlation.rules.map((name) => byName.get(name)?.rule as SigmaRule);
      return [[index, createCorrelating(rule, members, windows.holder())] as const];
    }),
  );
  const slots = createSlots();
  const matchers = running.map(({ rule }) =>
    rule.kind === 'rule' && rule.classes.length > 0 ? compileDetection(rule.detection, slots) : null,
  );
  const byClass = candidatesByClass(running, slots);
  const view = new View(slots.fields);
  const asked = new Int32Array(rules.length);
  const shownOf = new Map<ClassUid, number>();
  let turn = 0;
  let alerts: Alert[] = [];

  /** Of all events that it was shown, or those that it stands on were, how much matched and is nothing bad by itself. */
  const shareOf = (each: Running): Readonly<{ share: number; shown: number }> => {
    let [matches, shown] = [0, 0];
    for (const index of each.standsOn) {
      const { rule, ordinary } = running[index] as Running;
      matches += ordinary;
      if (rule.kind === 'rule') for (const of of rule.classes) shown += shownOf.get(of) ?? 0;
    }
    return { share: shown === 0 ? 0 : matches / shown, shown };
  };

  const say = (each: Running, event: TrafficEvent, time: number, parts: readonly Part[], fired: Fired | null): void => {
    const window = Math.floor(time / each.quietMs);
    const last = said.of(keyOf(each.rule.id, parts));
    if (last.window === window) return;
    last.window = window;
    const mostAnHour = each.rule.budget ?? budget;
    const verdict = spend(each.spent, {
      eventTime: time,
      ourTime: now?.() ?? event.metadata.logged_time,
      budget: mostAnHour,
      events: fired?.uids ?? [event.metadata.uid],
      shareOf: () => shareOf(each),
    });
    if (verdict.say === 'held') return;
    if (verdict.say === 'ordinary') {
      each.suspended = `${verdict.keys} alerts within an hour, more than its budget of ${mostAnHour}, and ${Math.round(100 * verdict.share)} % of all events that it was shown`;
      alerts.push(suspensionOf(each.rule, each.suspended, time));
      return;
    }
    each.alerts += 1;
    if (verdict.say === 'many') {
      alerts.push(breadthOf(each.rule, { ...verdict, time, budget: mostAnHour }));
      return;
    }
    alerts.push(
      alertOf(each.rule, {
        uid: uidOf(each.rule.id, parts, window),
        event,
        time,
        parts,
        fired,
        reason:
          fired === null
            ? explanationOf(each.rule as SingleRule, event)
            : (correlating.get(each.index)?.reason(fired) ?? ''),
      }),
    );
  };

  const matched = (
    each: Running,
    event: TrafficEvent,
    time: number,
    hit: Readonly<{ fired: Fired; parts: readonly Part[] }> | null,
  ): void => {
    each.matches += 1;
    if (event.status_id !== 2 && event.class_uid !== CLASSES.finding) each.ordinary += 1;
    if (each.speaks && each.suspended === null)
      say(each, event, time, hit?.parts ?? partsFor(each.rule as SingleRule, event), hit?.fired ?? null);
    for (const { correlation, stage } of each.feeds) {
      const above = correlating.get(correlation)?.take(event, time, stage);
      if (above !== null && above !== undefined) matched(running[correlation] as Running, event, time, above);
    }
  };

  return {
    feed: (event) => {
      const candidates = byClass.get(event.class_uid);
      if (candidates === undefined) return [];
      const time = Math.min(event.time, event.metadata.logged_time + AHEAD_MS);
      if (!Number.isFinite(time)) return [];
      turn = (turn + 1) | 0;
      shownOf.set(event.class_uid, (shownOf.get(event.class_uid) ?? 0) + 1);
      alerts = [];
      view.look(event);
      const hits: number[] = [];
      candidates.find(view, (index) => {
        if (asked[index] === turn) return;
        asked[index] = turn;
        const each = running[index] as Running;
        if (each.suspended !== null && each.feeds.length === 0) return;
        if ((matchers[index] as Matcher)(view)) hits.push(index);
      });
      for (const index of hits.sort((a, b) => a - b)) matched(running[index] as Running, event, time, null);
      return alerts;
    },
    windowMs: reachOf(running),
    held: () => ({ keys: windows.size() + saidRoom.size(), most }),
    states: () => running.map(stateOf),
    begun: () => {
      for (const each of running) {
        each.spent = nothingSpent();
        each.suspended = each.before;
      }
    },
  };
}

function runningOf(rules: readonly SigmaRule[], suspended: ReadonlySet<string>, meant: ReadonlySet<string>): Running[] {
  const named = new Map<string, { generate: boolean }>();
  for (const rule of rules)
    if (rule.kind === 'correlation')
      for (const name of rule.correlation.rules)
        named.set(name, { generate: rule.correlation.generate || named.get(name)?.generate === true });
  const running = rules.map((rule, index): Running => {
    const use = named.get(rule.id) ?? (rule.name === null ? undefined : named.get(rule.name));
    const speaks = rule.level !== null && (use === undefined || use.generate);
    const tooMuch = speaks && rule.kind === 'rule' && !meant.has(rule.id) ? matchesTooMuch(rule) : null;
    const before = suspended.has(rule.id) ? 'it was suspended before the last start' : tooMuch;
    return {
      rule,
      index,
      speaks,
      quietMs: rule.quietMs ?? Math.max(HOUR_MS, rule.kind === 'correlation' ? rule.correlation.timespanMs : 0),
      suspended: before,
      before,
      spent: nothingSpent(),
      matches: 0,
      ordinary: 0,
      alerts: 0,
      feeds: [],
      standsOn: new Set(rule.kind === 'rule' ? [index] : []),
    };
  });
  for (const { rule, index, standsOn } of running) {
    if (rule.kind === 'rule') continue;
    for (const [stage, name] of rule.correlation.rules.entries()) {
      const member = running.find((each) => each.rule.id === name || each.rule.name === name);
      member?.feeds.push({ correlation: index, stage });
      // a correlation stands after its rules, so theirs are known
      for (const each of member?.standsOn ?? []) standsOn.add(each);
    }
  }
  return running;
}

function candidatesByClass(
  running: readonly Running[],
  slots: ReturnType<typeof createSlots>,
): ReadonlyMap<ClassUid, Candidates> {
  const needs = new Map<ClassUid, { rule: number; needs: ReturnType<typeof needsOf> }[]>();
  for (const { rule, index, speaks, feeds } of running) {
    if (rule.kind !== 'rule' || (!speaks && feeds.length === 0)) continue;
    const own = { rule: index, needs: needsOf(rule.detection) };
    for (const of of rule.classes) needs.set(of, [...(needs.get(of) ?? []), own]);
  }
  return new Map([...needs].map(([of, list]) => [of, createCandidates(list, slots)]));
}

/** What its alerts are told apart by: what it says itself, else who acts, else where from. */
function partsFor({ groupBy }: SingleRule, event: TrafficEvent): readonly Part[] {
  return (
    partsOf(groupBy ?? [fieldOf('whoever', null).field], event) ??
    partsOf([fieldOf('dst_endpoint.ip', null).field], event) ??
    []
  );
}

/** A chain looks as far back as its windows together. */
function reachOf(running: readonly Running[]): number {
  const reach = running.map(() => 0);
  for (const { rule, index, feeds } of running) {
    if (rule.kind === 'correlation') reach[index] = (reach[index] as number) + rule.correlation.timespanMs;
    for (const { correlation } of feeds)
      reach[correlation] = Math.max(reach[correlation] as number, reach[index] as number);
  }
  return Math.max(0, ...reach);
}

function stateOf({ rule, speaks, suspended, matches, alerts }: Running): RuleState {
  const idle = rule.kind === 'rule' && rule.classes.length === 0;
  const { category, product, service } =
    rule.kind === 'rule' ? rule.logsource : { category: null, product: null, service: null };
  const source = [category, product, service].filter((part) => part !== null).join('/');
  return {
    id: rule.id,
    title: rule.title,
    file: rule.file,
    state: idle ? 'idle' : suspended !== null ? 'suspended' : speaks ? 'running' : 'part',
    because: idle ? `no sensor makes events of ${source}` : suspended,
    matches,
    alerts,
  };
}
