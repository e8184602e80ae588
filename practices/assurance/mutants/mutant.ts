/**
 * A fault that is planted to see it caught: one change of one source file. CI starts a system with each of them, and a control
 * test that it names has to fail on it. A mutant is a file of this folder, and nothing else has to be changed for it.
 */
export type Mutant = Readonly<{
  id: string;
  family: string;
  /** What goes wrong in such a system. */
  says: string;
  /** From the project's root. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** Control tests that it has to fail; one of them does. */
  killedBy: readonly string[];
}>;
