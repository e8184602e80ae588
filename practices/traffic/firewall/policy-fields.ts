/** Reads the fields of a policy file one by one; what is wrong is said with its place, and reading goes on. */
import { isExact, readNetwork } from '#platform/networks';

import { MOST, type Whom } from './policy.ts';
import { spanOf, spanText, type Span } from './spans.ts';

export type PolicyProblem = Readonly<{ path: string; line: number | null; says: string; hint: string }>;
export type Path = readonly (string | number)[];
export type Said = (path: Path, says: string, hint: string) => void;

/** Every reader gives something of the right type, also after it complained: the problems decide what becomes of it. */
export type Fields = Readonly<{
  say: Said;
  has: (key: string) => boolean;
  is: (key: string, value: string) => boolean;
  only: (known: readonly string[]) => void;
  fields: (key: string, hint: string) => Fields;
  list: <One>(key: string, most: number, read: (each: Fields) => One) => readonly One[];
  name: (key: string) => string;
  whole: (key: string, bounds: Readonly<{ least: number; most: number; otherwise?: number }>) => number;
  /** @param otherwise what a missing field means; null: it must be there */
  choice: <One extends string>(key: string, choices: readonly One[], otherwise: One | null) => One;
  networks: (key: string, asked: Readonly<{ least: number; hint: string }>) => readonly Span[];
  whom: (key: string, otherwise: Whom | null) => Whom;
  ports: (key: string, otherwise: readonly number[] | null) => readonly number[];
}>;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

export function readFields(value: unknown, say: Said, path: Path = []): Fields {
  const here = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  if (here === null) say(path, 'this must be a list of fields', 'write `name: value` lines');
  const given = new Map<string, unknown>(here === null ? [] : Object.entries(here));
  const at = (key: string): Path => [...path, key];

  const networks = (key: string, least: number, hint: string): readonly Span[] => {
    const list = listAt(key, MOST.networks, least === 0);
    if (list !== null && list.length < least) say(at(key), `${key} is empty`, hint);
    return (list ?? []).flatMap((each, index) => networkAt([...path, key, index], each, say) ?? []);
  };
  const listAt = (key: string, most: number, mayMiss: boolean): readonly unknown[] | null => {
    const list = given.get(key);
    if (list === undefined && mayMiss) return [];
    if (!Array.isArray(list)) say(at(key), `${key} must be a list`, `write ${key}: [ … ]`);
    else if (list.length > most) say(at(key), `${key} has ${list.length} entries`, `at most ${most} are read`);
    else return list;
    return null;
  };
  const choice = <One extends string>(key: string, choices: readonly One[], otherwise: One | null): One => {
    const found = choices.find((each) => each === given.get(key));
    if (found !== undefined) return found;
    if (given.has(key) || otherwise === null) say(at(key), `${key} is none of what it can be`, choices.join(', '));
    return otherwise ?? (choices[0] as One);
  };

  return {
    say,
    has: (key) => given.has(key),
    is: (key, value) => given.get(key) === value,
    only: (known) => {
      for (const key of given.keys())
        if (!known.includes(key)) say(at(key), 'there is no such field', `here can stand: ${known.join(', ')}`);
    },
    fields: (key, hint) => {
      if (!given.has(key)) say(at(key), `${key} is missing`, hint);
      return readFields(given.get(key) ?? {}, say, at(key));
    },
    list: (key, most, read) =>
      (listAt(key, most, true) ?? []).map((each, index) => read(readFields(each, say, [...path, key, index]))),
    name: (key) => {
      const name = given.get(key);
      if (typeof name === 'string' && NAME.test(name)) return name;
      say(at(key), 'this is no name', 'a to z, 0 to 9 and hyphens, a letter first, 32 at most');
      return '';
    },
    whole: (key, { least, most, otherwise }) => {
      const number = given.get(key) ?? otherwise;
      if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
      say(at(key), `${key} must be a whole number`, `from ${least} to ${most}`);
      return least;
    },
    choice,
    networks: (key, { least, hint }) => {
      if (least > 0 && !given.has(key)) {
        say(at(key), `${key} is missing`, hint);
        return [];
      }
      return networks(key, least, hint);
    },
    whom: (key, otherwise) => {
      const who = given.get(key);
      if (who === 'any') return 'any';
      if (who === undefined && otherwise !== null) return otherwise;
      if (Array.isArray(who)) return networks(key, otherwise === null ? 1 : 0, 'name networks, or write any');
      say(at(key), `${key} must say whom`, `write ${key}: any, or ${key}: [192.0.2.0/24]`);
      return [];
    },
    ports: (key, otherwise) => {
      if (!given.has(key) && otherwise !== null) return otherwise;
      const list = listAt(key, MOST.ports, false) ?? [1];
      if (list.length === 0) say(at(key), `${key} is empty`, 'name at least one port');
      const ports = list.filter((each): each is number => Number.isInteger(each) && Number(each) > 0 && Number(each) < 65536); // prettier-ignore
      if (ports.length < list.length) say(at(key), 'one of them is no port', 'whole numbers from 1 to 65535');
      return [...new Set(ports)].toSorted((a, b) => a - b);
    },
  };
}

function networkAt(path: Path, value: unknown, say: Said): Span | null {
  const text = typeof value === 'string' ? value : '';
  const network = readNetwork(text);
  if (network === null) {
    // a name would be looked up once, when the rules are loaded: whoever answers that one question writes the rule
    const name = /^[a-z0-9*_-]{1,63}(\.[a-z0-9*_-]{1,63}){1,20}\.?$/i.test(text) && /[a-z]/i.test(text);
    if (name)
      say(path, 'names are not taken, only networks', 'name its published networks, or send it by a proxy of yours that knows names'); // prettier-ignore
    else say(path, 'this is no network', 'such as 192.0.2.0/24, 2001:db8::/32, or one address; IPv6 in quotes');
    return null;
  }
  const span = spanOf(text) as Span;
  if (!isExact(network)) say(path, 'there are bits behind the prefix', `did you mean ${spanText(span)}?`);
  return span;
}
