/** What is wrong with a catalogue, where, what was expected and what to do about it. */
export type CatalogProblem = Readonly<{
  /** Such as `collections.customer.fields.email.search`; empty for the file as a whole. */
  path: string;
  /** 1-based line of the file, or null when it cannot be told. */
  line: number | null;
  says: string;
  hint: string;
}>;

/** A step into the document: a key, or the index of a list. */
export type Step = string | number;
export type Report = (at: readonly Step[], says: string, hint: string) => void;

/** Keys with dots are bracketed, so that `purposes["service.support"]` reads as one step. */
export function pathText(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** One line per problem, for terminals and logs. */
export function problemText(problem: CatalogProblem, file: string): string {
  const where = problem.line === null ? file : `${file}:${problem.line}`;
  return `${where}: ${problem.path === '' ? '' : `${problem.path}: `}${problem.says} (${problem.hint})`;
}
