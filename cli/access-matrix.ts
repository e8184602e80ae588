/** `strongroom access matrix`: who sees what, as a table for each role; or every decision, a line each. */
import { cellsOf, factChoices, under, usual, type PolicyMatrix } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';

type Cell = PolicyMatrix['cells'][number];
type Facts = Readonly<Record<string, string>>;
type MatrixOptions = Shared & {
  version: string;
  role?: string;
  purpose?: string;
  action: string;
  fact: Facts;
  each?: boolean;
  all?: boolean;
};
const CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;

export function matrixCommand(access: Command, run: Run): void {
  withConnection(access.command('matrix').description('who sees what: for each role every class against every purpose'))
    .option('--version <id>', 'a version', 'active')
    .option('--role <role>', 'only this role')
    .option('--purpose <purpose>', 'only this purpose')
    .option('--action <action>', 'what is done', 'records.read')
    .option('--fact <fact=value>', 'under this fact, as in grant=jit; may be said again', factOf, {})
    .option('--each', 'every decision under all facts, a line each')
    .option('--all', 'with --each: what is denied too')
    .action((options: MatrixOptions) =>
      run(async () => {
        const matrix = await connect(options).policies.matrix(options.version);
        const cells = matrix.cells.filter(
          ({ role, purpose, outcome }) =>
            (options.role === undefined || role === options.role) &&
            (options.purpose === undefined || purpose === options.purpose) &&
            (options.all === true || options.each !== true || outcome !== 'denied'),
        );
        show(options, { ...matrix, cells }, () =>
          options.each === true
            ? cells.map((cell) => `${cellLine(cell)} ${cell.outcome}`).join('\n')
            : tables(cells, options.action, options.fact),
        );
      }, options),
    );
}

export function cellLine({ role, action, purpose, dataClass, facts }: Omit<Cell, 'outcome'>): string {
  const setting = Object.entries(facts).map(([fact, value]) => `${fact}=${String(value)}`);
  return [role, action, purpose, ...(dataClass === null ? [] : [dataClass]), ...setting].join(' ');
}

function factOf(text: string, before: Facts): Facts {
  const [fact, value, more] = text.split('=');
  if (!fact || !value || more !== undefined) throw new Usage(`${text} is no fact: say it as grant=jit`);
  return { ...before, [fact]: value };
}

/** @throws Usage where no decision depends on a fact that was named, or not with that value */
function tables(cells: readonly Cell[], action: string, named: Facts): string {
  const known = factChoices(cells.filter((cell) => cell.action === action && cell.dataClass !== null));
  for (const [fact, value] of Object.entries(named)) {
    const choice = known.find((each) => each.fact === fact);
    if (choice?.values.includes(value) === true) continue;
    const can = known.map((each) => `${each.fact}=${each.values.join('|')}`).join(', ');
    throw new Usage(`no decision depends on ${fact}=${value}; what there is: ${can || 'nothing'}`);
  }
  const roles = [...new Set(cells.map(({ role }) => role))];
  const [sees, nothing] = [[] as string[], [] as string[]];
  for (const role of roles) {
    const asked = cellsOf(cells, role, action);
    if (asked.every(({ outcome }) => outcome === 'denied')) nothing.push(role);
    else sees.push(table(role, asked, named));
  }
  const rest = nothing.length === 0 ? [] : [`${action} is denied to ${nothing.join(', ')}, whatever the purpose.`];
  return [...sees, ...rest].join('\n\n');
}

function table(role: string, asked: readonly Cell[], named: Facts): string {
  const chosen = Object.fromEntries(
    factChoices(asked).map((choice) => {
      const wanted = named[choice.fact];
      return [choice.fact, wanted !== undefined && choice.values.includes(wanted) ? wanted : usual(choice)];
    }),
  );
  const shown = under(asked, chosen);
  const purposes = [...new Set(shown.map(({ purpose }) => purpose))];
  const wide = Math.max(...purposes.map((each) => each.length), 'purpose'.length);
  const row = (first: string, rest: readonly string[]): string =>
    `  ${first.padEnd(wide)}  ${rest.map((each) => each.padEnd(9)).join('  ')}`.trimEnd();
  const facts = Object.entries(chosen).map(([fact, value]) => `${fact}=${value}`);
  return [
    `${role}${facts.length === 0 ? '' : `, where ${facts.join(', ')}`}`,
    row('purpose', CLASSES),
    ...purposes.map((purpose) =>
      row(
        purpose,
        CLASSES.map(
          (dataClass) =>
            shown.find((cell) => cell.purpose === purpose && cell.dataClass === dataClass)?.outcome ?? 'denied',
        ),
      ),
    ),
  ].join('\n');
}
