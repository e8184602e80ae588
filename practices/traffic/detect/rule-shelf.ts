/**
 * The rules that detections are made of: those that are shipped, those of this installation, and what people or a budget
 * said of each. Whatever changes here makes the detections anew, on every server.
 */
import { readdirSync, readFileSync } from 'node:fs';

import type { Audit } from '#platform/audit';
import { once } from '#platform/once';
import { transact, type Db, type Tx } from '#platform/db';

import type { TrafficEvent } from '../event.ts';
import { trafficFailure } from '../failures.ts';
import type { By } from '../guard/measures.ts';
import { createSigma, readRules, type RuleFault, type RuleText, type Sigma, type SigmaRule } from '../sigma/index.ts';
import { alertCounts } from '../store/cases.ts';
import {
  deleteRule,
  holdRules,
  listRuleRows,
  putRule,
  rulesMark,
  suspendRule,
  type RuleRow,
  type RuleState,
} from '../store/rules.ts';

export type RuleView = Readonly<{
  id: string;
  title: string;
  description: string;
  level: string | null;
  attack: readonly string[];
  falsePositives: readonly string[];
  own: boolean;
  state: RuleState | 'idle' | 'part';
  /** Why it is not running. */
  because: string;
  by: string | null;
  /** Within 30 days. */
  alerts: number;
  lastAt: string | null;
  text: string;
}>;
export type RuleTrial = Readonly<{
  faults: readonly RuleFault[];
  /** Events it was shown, and alerts it would have given. */
  events: number;
  alerts: readonly Readonly<{ at: string; reason: string; severity: string }>[];
  more: number;
}>;

const SHIPPED = new URL('../rules/', import.meta.url);
/** What Sigma asks an id to be, and what routes and playbooks call a rule by. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Keys that correlations hold. */
const KEYS = 50_000;
const LISTED_ALERTS = 50;

export function shippedRules(): RuleText[] {
  return readdirSync(SHIPPED, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml') && !name.endsWith('.test.yml'))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(new URL(name, SHIPPED), 'utf8') }));
}

const readShipped = once(() => {
  const shipped = shippedRules();
  return { shipped, ...readRules(shipped) };
});

export function createRuleShelf({ db, audit, clock }: { db: Db; audit: Pick<Audit, 'appendIn'>; clock: () => Date }) {
  const { shipped, rules: shippedRead, faults } = readShipped();
  const shippedIds = new Set(shippedRead.map(({ id }) => id));
  let sigma: Sigma | null = null;
  /** Whether this server takes in: what its detections say of rules holds. */
  let here = false;
  /** Marks of the rows that it was made of. */
  let seen: ReadonlyMap<string, string> = new Map();
  /** Of a server that does not take in: what would run, as the rules say it. */
  let elsewhere: { mark: string; states: ReturnType<Sigma['states']> } = { mark: '', states: [] };

  const all = (rows: readonly RuleRow[]): readonly SigmaRule[] => {
    const own = rows.flatMap(({ rule, text }) => (text === null ? [] : [{ name: ownName(rule), text }]));
    return own.length === 0 ? shippedRead : readRules([...shipped, ...own]).rules;
  };
  const madeOf = (rows: readonly RuleRow[]): Sigma => {
    const off = new Set(rows.flatMap(({ rule, state }) => (state === 'off' ? [rule] : [])));
    const suspended = rows.flatMap(({ rule, state }) => (state === 'suspended' ? [rule] : []));
    // who switches a rule on says why: only a rule that was put has no reason
    const meant = rows.flatMap(({ rule, state, reason }) => (state === 'on' && reason !== '' ? [rule] : []));
    return createSigma({ rules: without(all(rows), off), most: KEYS, now: () => clock().getTime(), suspended, meant });
  };
  const statesOf = (rows: readonly RuleRow[]): ReturnType<Sigma['states']> => {
    if (sigma !== null && here) return sigma.states();
    const mark = JSON.stringify(rows.map(({ rule, mark: of }) => [rule, of]));
    if (elsewhere.mark !== mark) elsewhere = { mark, states: madeOf(rows).states() };
    return elsewhere.states;
  };
  const say = (tx: Tx, by: By, action: string, rule: string, detail: Record<string, string> = {}) =>
    audit.appendIn(tx, { action, actor: by.actor, outcome: 'done', detail: { rule, ...detail }, requestId: by.requestId });
  const known = async (id: string): Promise<boolean> =>
    shippedIds.has(id) || (await listRuleRows(db)).some(({ rule, text }) => rule === id && text !== null);

  return {
    faults: (): readonly RuleFault[] => faults,
    mark: () => rulesMark(db),
    onTurn: (isMine: boolean): void => void (here = isMine),
    /** Fresh: it has seen nothing. */
    detector: async (): Promise<Sigma> => {
      const rows = await listRuleRows(db);
      sigma = madeOf(rows);
      seen = new Map(rows.map(({ rule, mark }) => [rule, mark]));
      return sigma;
    },
    /** Writes down which rules have used up their budget, so that a restart does not let them loose again. */
    noteSuspended: async (tx: Tx): Promise<void> => {
      const now = (sigma?.states() ?? []).filter(({ state }) => state === 'suspended');
      if (now.length === 0) return;
      const rows = new Map((await listRuleRows(tx)).map((row) => [row.rule, row]));
      for (const { id, because } of now) {
        if (rows.get(id)?.state === 'suspended') continue;
        if (!(await suspendRule(tx, id, because ?? 'its budget of alerts is used up', seen.get(id) ?? null))) continue;
        await audit.appendIn(tx, { action: 'traffic.rule.suspend', actor: { kind: 'system', id: 'traffic' }, outcome: 'done', detail: { rule: id } });
      }
    },
    list: async (): Promise<RuleView[]> => {
      const rows = await listRuleRows(db);
      const byId = new Map(rows.map((row) => [row.rule, row]));
      const texts = new Map(shipped.map(({ name, text }) => [name, text]));
      const counts = new Map((await alertCounts(db, new Date(clock().getTime() - 30 * 86_400_000))).map((each) => [each.rule, each]));
      const live = new Map(statesOf(rows).map((each) => [each.id, each]));
      return all(rows).map((rule) => {
        const [row, count, state] = [byId.get(rule.id), counts.get(rule.id), live.get(rule.id)?.state];
        return {
          id: rule.id,
          title: rule.title,
          description: rule.description,
          level: rule.level,
          attack: rule.attack,
          falsePositives: rule.falsePositives,
          own: typeof row?.text === 'string',
          state: row !== undefined && row.state !== 'on' ? row.state : state === 'idle' || state === 'part' ? state : 'on',
          because: row !== undefined && row.state !== 'on' ? row.reason : (live.get(rule.id)?.because ?? ''),
          by: row?.by ?? null,
          alerts: count?.n ?? 0,
          lastAt: count?.last.toISOString() ?? null,
          text: row?.text ?? texts.get(rule.file) ?? '',
        };
      });
    },
    /** A rule of this installation; one of the same id is replaced. @throws TRAFFIC_RULE_MALFORMED, TRAFFIC_RULE_KNOWN */
    put: async (by: By, text: string): Promise<{ id: string; faults: readonly RuleFault[] }> => {
      const read = readRules([{ name: 'rule.yml', text }]);
      const [rule] = read.rules;
      if (rule === undefined || read.rules.length > 1) throw malformed(read.faults, read.rules.length);
      if (!UUID.test(rule.id)) throw trafficFailure('RULE_MALFORMED', { detail: 'its id is no UUID', hint: 'uuidgen makes one: give it to the rule, and keep it' });
      if (shippedIds.has(rule.id)) throw trafficFailure('RULE_KNOWN');
      await transact(db, async (tx) => {
        // of two that bear one name, one would not be run, and nobody be told
        const others = all((await holdRules(tx)).filter((row) => row.rule !== rule.id));
        if (others.some(({ id, name }) => [rule.id, rule.name].some((each) => each === id || (each !== null && each === name)))) throw trafficFailure('RULE_KNOWN');
        await putRule(tx, { rule: rule.id, text, state: 'on', reason: '', by: by.actor.id });
        await say(tx, by, 'traffic.rule.put', rule.id);
      });
      return { id: rule.id, faults: read.faults };
    },
    /** @throws TRAFFIC_NOT_FOUND */
    setState: async (by: By, id: string, state: 'on' | 'off', reason: string): Promise<void> => {
      if (!(await known(id))) throw trafficFailure('NOT_FOUND');
      await transact(db, async (tx) => {
        await putRule(tx, { rule: id, state, reason, by: by.actor.id });
        await say(tx, by, 'traffic.rule.state', id, { state });
      });
    },
    /** One of our own. @throws TRAFFIC_NOT_FOUND */
    remove: async (by: By, id: string): Promise<void> =>
      transact(db, async (tx) => {
        if (!(await deleteRule(tx, id))) throw trafficFailure('NOT_FOUND');
        await say(tx, by, 'traffic.rule.remove', id);
      }),
    /** What a rule would have said of events that are there already. */
    tryOut: (text: string, events: readonly TrafficEvent[]): RuleTrial => {
      const { rules, faults: found } = readRules([{ name: 'rule.yml', text }]);
      const trial = createSigma({ rules, most: KEYS, budget: Infinity });
      const alerts = events.flatMap((event) => [...trial.feed(event)]);
      return {
        faults: found,
        events: events.length,
        alerts: alerts.slice(0, LISTED_ALERTS).map(({ time, reason, severity }) => ({ at: new Date(time).toISOString(), reason, severity })),
        more: Math.max(0, alerts.length - LISTED_ALERTS),
      };
    },
  };
} // prettier-ignore

export type RuleShelf = ReturnType<typeof createRuleShelf>;

const ownName = (id: string): string => `own ${id}`;

/** Correlations that stand on a rule that is off go with it. */
function without(rules: readonly SigmaRule[], off: ReadonlySet<string>): SigmaRule[] {
  const gone = new Set(off);
  return rules.filter((rule) => {
    const stands = rule.kind === 'correlation' && rule.correlation.rules.some((name) => gone.has(name));
    if (gone.has(rule.id) || stands) {
      gone.add(rule.id);
      if (rule.name !== null) gone.add(rule.name);
      return false;
    }
    return true;
  });
}

function malformed(faults: readonly RuleFault[], rules: number) {
  const first = faults.find(({ weight }) => weight === 'error');
  if (first === undefined)
    return trafficFailure('RULE_MALFORMED', {
      detail: rules > 1 ? 'one rule at a time, please' : 'there is no rule in it',
    });
  return trafficFailure('RULE_MALFORMED', {
    detail: `${first.line === null ? '' : `line ${first.line}: `}${first.says}`,
    hint: first.hint,
  });
}
