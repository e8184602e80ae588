/** What a runner is told when it begins, by the server that started it. It goes over a pipe, and is written nowhere. */
export type CanaryField = Readonly<{
  name: string;
  type: string;
  class: string;
  purposes: readonly string[];
  /** Of those, the ones that it needs a yes for. */ needsYes: readonly string[];
}>;
export type Canary = Readonly<{
  subjectId: string;
  record: string;
  /** Made up for this run; a text that is found nowhere else. */
  values: Readonly<Record<string, string>>;
}>;
/** A key that reaches canaries alone. */
export type RunnerKey = Readonly<{ id: string; key: string; role: string }>;
/** A member of staff who does not exist. */
export type CanaryPerson = Readonly<{
  id: string;
  email: string;
  /** Of the invitation: the person comes in by it once, with this password. */
  link: string;
  password: string;
}>;

export type World = Readonly<{
  run: string;
  /** Of the server that is attacked; on loopback. */
  url: string;
  /** PEM of the server's own certificate, where it serves TLS. */
  ca: string | null;
  /** Ids of the tests that are to run. */
  tests: readonly string[];
  keys: readonly RunnerKey[];
  /** One that ended before it was given out, and one that reads the least sensitive class alone. */
  ended: RunnerKey;
  narrow: RunnerKey;
  collection: Readonly<{ name: string; fields: readonly CanaryField[] }>;
  purposes: readonly string[];
  /** Those that nothing is read for without a yes. */
  consentPurposes: readonly string[];
  canaries: readonly Canary[];
  /** A record that is somebody's: the runner is refused there. Null: there is nobody yet. */
  outside: string | null;
  /** Verifier keys of the log, a line each. */
  logKeys: string;
  /** Of the runner's own role; null, and why there is none. */
  database: string | null;
  databaseWhy: string;
  home: string;
  /** Of the program that runs. */
  root: string;
  /** The system's own description of its routes. */
  openapi: string;
}>;
