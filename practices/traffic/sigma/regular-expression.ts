/**
 * `|re`: expressions run on RE2, in time linear in the text whatever the expression is. What RE2 cannot do (looking around, back
 * references, possessive repeats) is refused: nothing else can be run on what strangers send.
 */
import { RE2JS, RE2JSException } from 're2js';

/** Longest expression, in UTF-16 code units. */
const MOST_LENGTH = 4096;
/** Of RE2's instructions: memory and time for each unit of text grow with it. */
const MOST_SIZE = 20_000;

export type ReadExpression = Readonly<{ test: (text: string) => boolean }> | Readonly<{ says: string; hint: string }>;

export function readExpression(text: string, flags: ReadonlySet<'i' | 'm' | 's'>): ReadExpression {
  if (text.length > MOST_LENGTH)
    return {
      says: `the regular expression has ${text.length} characters`,
      hint: `at most ${MOST_LENGTH} are read: use several values`,
    };
  const wanted =
    (flags.has('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.has('m') ? RE2JS.MULTILINE : 0) |
    (flags.has('s') ? RE2JS.DOTALL : 0);
  try {
    const compiled = RE2JS.compile(text, wanted);
    if (compiled.programSize() > MOST_SIZE)
      return {
        says: `the regular expression compiles to ${compiled.programSize()} steps`,
        hint: `at most ${MOST_SIZE} are run: repeat less`,
      };
    return { test: (value) => compiled.test(value) };
  } catch (fault) {
    // deep nesting overflows the compiler: no expression that a person wrote
    if (!(fault instanceof RE2JSException) && !(fault instanceof RangeError)) throw fault;
    return {
      says: `RE2 does not take the regular expression: ${reason(text, fault)}`,
      hint: 'look-around, back references and possessive repeats are not run, since their time has no bound: use two selections and «not»',
    };
  }
}

function reason(text: string, { message }: Error): string {
  if (text.includes('(?=') || text.includes('(?!') || text.includes('(?<=') || text.includes('(?<!'))
    return 'it looks ahead or behind';
  const plain = message.startsWith('error parsing regexp: ')
    ? message.slice('error parsing regexp: '.length)
    : 'it is too deep';
  return plain.length > 100 ? `${plain.slice(0, 100)}…` : plain;
}
