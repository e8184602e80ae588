/**
 * Finds which of many literals are in a text, in one pass over it (Aho and Corasick, 1975). The table is dense and bounded: where
 * the literals are too many, they are looked for by their beginnings only, which finds too much and never too little.
 */
const MOST_CELLS = 4_000_000;
const BEGINNINGS = [12, 8, 6, 4, 3, 2, 1];
/** One column for each ASCII character, and one for all others together: that, too, finds too much and never too little. */
const OTHERS = 128;
const WIDTH = OTHERS + 1;

export type Literals = Readonly<{
  /** Calls back for each literal that may be in the text, by its index; for one literal more than once, perhaps. */
  findIn: (text: string, found: (index: number) => void) => void;
}>;

export function createLiterals(literals: readonly string[]): Literals {
  for (const most of BEGINNINGS) {
    const cut = literals.map((literal) => literal.slice(0, most));
    const states = 1 + [...new Set(cut)].reduce((sum, { length }) => sum + length, 0);
    if (states * WIDTH <= MOST_CELLS || most === 1) return automaton(cut, states);
  }
  throw new Error('unreachable: the shortest beginnings are always taken');
}

function automaton(literals: readonly string[], states: number): Literals {
  const goto = new Int32Array(states * WIDTH);
  const out: number[][] = [[]];
  for (const [index, literal] of literals.entries()) {
    let state = 0;
    for (let i = 0; i < literal.length; i += 1) {
      const cell = state * WIDTH + Math.min(literal.charCodeAt(i), OTHERS);
      if (goto[cell] === 0) goto[cell] = out.push([]) - 1;
      state = goto[cell] as number;
    }
    (out[state] as number[]).push(index);
  }
  link(goto, out);
  const ends = out.map((list) => (list.length === 0 ? null : list));
  return {
    findIn: (text, found) => {
      let state = 0;
      for (let i = 0; i < text.length; i += 1) {
        const unit = text.charCodeAt(i);
        state = goto[state * WIDTH + (unit < OTHERS ? unit : OTHERS)] as number;
        const end = ends[state];
        if (end !== null && end !== undefined) for (const index of end) found(index);
      }
    },
  };
}

/** Breadth first: where a state does not go on, it goes on as the longest ending of what it has read. */
function link(goto: Int32Array, out: readonly number[][]): void {
  const fail = new Int32Array(out.length);
  const queue: number[] = [];
  for (let which = 0; which < WIDTH; which += 1) if (goto[which] !== 0) queue.push(goto[which] as number);
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] as number;
    const back = fail[state] as number;
    (out[state] as number[]).push(...(out[back] as number[]));
    for (let which = 0; which < WIDTH; which += 1) {
      const next = goto[state * WIDTH + which] as number;
      const other = goto[back * WIDTH + which] as number;
      if (next === 0) goto[state * WIDTH + which] = other;
      else {
        fail[next] = other;
        queue.push(next);
      }
    }
  }
}
