/**
 * How many nodes a statement asks, by the layout: whether each table that is spread is bound to a value of its distribution
 * column. It reads SQL as this product writes it, and takes what it does not understand for all nodes.
 */
import type { Layout } from '#platform/db';

/**
 * `home`: tables of one node, or that are everywhere. `one`: a value with `=`. `named`: those of the values that it is given, with
 * `= any ($1)`, or of the rows that it inserts. `all`: everybody is asked. `refused`: Citus does not do it at all, as far as it is
 * known here: rows of several nodes locked by one statement, or a copy on every node changed by what a spread table holds.
 * Source: Citus 13, "SQL Support and Workarounds", Limitations
 */
export type Reach = 'home' | 'one' | 'named' | 'all' | 'refused';
const ORDER: readonly Reach[] = ['home', 'one', 'named', 'all', 'refused'];

/** @param functions bodies of the database's own functions, by name: what they ask is asked too */
export function reachOf(sql: string, layout: Layout, functions: ReadonlyMap<string, string> = new Map()): Reach {
  const text = sql.replaceAll(/--.*$/gm, '').replaceAll('"', '').replaceAll(/\s+/g, ' ').trim();
  const spread = new Map(layout.steps.flatMap(({ table, column }) => (column === null ? [] : [[table, column] as const])));
  const reaches: Reach[] = [...functions].flatMap(([name, body]) => (text.includes(`${name}(`) ? [reachOf(body, layout)] : []));
  // each table as often as it is named, with the name that it goes by here
  const tables = [...spread.keys()].join('|').replaceAll('.', '\\.');
  const notAnAlias = '(?!(?:set|where|on|using|join|left|order|limit|values|select|cross|group|for|union|returning)\\b)';
  const use = new RegExp(`(\\bfrom|\\bjoin|\\bupdate|\\binto|\\busing|,) (?:only )?(${tables})\\b(?: (?:as )?${notAnAlias}(\\w+))?`, 'g');
  const uses = [...text.matchAll(use)].map(([, verb, table, alias]) => ({ verb: verb as string, table: table as string, alias: alias ?? (table as string).split('.')[1] as string }));
  for (const { verb, table, alias } of uses) {
    const column = spread.get(table) as string;
    if (verb === 'into') {
      // rows go where their values say; what they are selected from is a use of its own
      reaches.push(new RegExp(`into ${table.replace('.', '\\.')}(?: as \\w+)? \\([^)]*\\b${column}\\b`).test(text) ? 'named' : 'all');
      continue;
    }
    const own = uses.length === 1 ? `(?:${alias}\\.)?` : `${alias}\\.`;
    const bound = (value: string): boolean => new RegExp(`(?<![\\w.])${own}${column} = ${value}`).test(text);
    const parameter = '(?:\\$\\d|decode\\(\\$\\d)';
    if (bound(parameter)) reaches.push('one');
    else if (bound(`any ?\\((?:array\\()?\\$\\d`)) reaches.push('named');
    // beside another of its group that is bound to one value: equal to it, and so to that
    else if (uses.some((other) => other !== undefined && new RegExp(`(?<![\\w.])(?:${alias}\\.${column} = ${other.alias}\\.${spread.get(other.table) ?? ''}|${other.alias}\\.${spread.get(other.table) ?? ''} = ${alias}\\.${column})\\b`).test(text) && new RegExp(`(?<![\\w.])${other.alias}\\.${spread.get(other.table) ?? ''} = ${parameter}`).test(text)))
      reaches.push('one');
    else reaches.push('all');
  }
  // a table that is spread, and that no clause above has
  for (const table of spread.keys())
    if (new RegExp(`\\b${table.replace('.', '\\.')}\\b`).test(text) && !uses.some((use) => use.table === table)) reaches.push('all');
  const copied = layout.steps.flatMap(({ table, column }) => (column === null ? [table] : [])).join('|').replaceAll('.', '\\.');
  const farthest = ORDER[Math.max(0, ...reaches.map((each) => ORDER.indexOf(each)))] as Reach;
  const locks = /\bfor (?:no key )?update\b|\bfor (?:key )?share\b/.test(text);
  if (locks && (farthest === 'named' || farthest === 'all')) return 'refused';
  return farthest !== 'home' && new RegExp(`\\b(?:update|delete from) (?:only )?(?:${copied})\\b`).test(text) ? 'refused' : farthest;
} // prettier-ignore
