/** The door of assurance: this system attacked by itself, what was found, and what that proves. */
export { createAssurance, type Assurance, type AssuranceNeeds } from './assurance.ts';
export { assuranceFailure } from './failures.ts';
export { CONTROL_TESTS, FAMILIES } from './families/index.ts';
export type { Damage, Desk, Standing } from './kit/desk.ts';
export type { Canary, CanaryField, CanaryPerson, RunnerKey, World } from './kit/world.ts';
export type { Mutant } from './mutants/mutant.ts';
export { hookFor, mutated } from './mutants/plant.ts';
export { readMutants } from './mutants/shelf.ts';
export { runner } from './runner/runner.ts';
export { runnerProcess, type RunnerProcess } from './runs/runner-process.ts';
export { assuranceRoutes } from './http/index.ts';
export type { KillRate } from './posture/posture.ts';
export { createRuns, type Runs, type Stage } from './runs/runs.ts';
export type { DataClass, Reach } from './severity.ts';
export { createCanarySet, type CanarySet } from './runs/canary-set.ts';
export { findRun, leftOvers, noteLeftOver, resultsOf, tookAway, type LeftOver } from './store/runs.ts';
export { setSwitch } from './store/canaries.ts';
export { dropReader, makeReader } from './store/reader-role.ts';
