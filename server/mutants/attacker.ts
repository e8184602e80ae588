/** A process that attacks systems, one after another; where one has spoiled it, the next gets a new one. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import { childEnvironment } from '#platform/config';
import { mutated, type Mutant } from '#practices/assurance';

import type { Attack, Said } from './attack.ts';
import type { Graft } from './grafts.ts';

export type Attacker = Readonly<{
  /** @throws Error when nothing was said */
  attack: (attack: Attack, mutant?: Mutant) => Promise<readonly Said[]>;
  end: () => void;
}>;
type Answer = Readonly<{ said: readonly Said[]; ended: boolean } | { failed: string }>;

/** A system that is harmed may never end. */
const LONGEST_MS = 120_000;

export function createAttacker(): Attacker {
  let child: ChildProcess | null = null;
  let errors = '';
  let last: Promise<unknown> = Promise.resolve();
  const end = (): void => {
    child?.kill('SIGKILL');
    child = null;
  };
  const started = async (): Promise<ChildProcess> => {
    errors = '';
    const begun = fork(new URL('./attacked-process.ts', import.meta.url), {
      env: childEnvironment({}),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    begun.stderr?.on('data', (part: Buffer) => void (errors = (errors + part.toString()).slice(-2000)));
    await Promise.race([once(begun, 'message'), once(begun, 'exit')]);
    return begun;
  };
  /** @returns null when the process has gone without a word */
  const asked = async (attack: Attack, mutant: Graft | undefined): Promise<Answer | null> => {
    child ??= await started();
    const [asks, gone] = [child, new AbortController()];
    const timer = setTimeout(() => asks.kill('SIGKILL'), LONGEST_MS);
    const left = (): void => gone.abort();
    asks.once('exit', left);
    try {
      asks.send({ attack, mutant }, (failed) => failed && left());
      const [answer] = (await once(asks, 'message', { signal: gone.signal })) as [Answer];
      if (!('said' in answer && answer.ended)) end();
      return answer;
    } catch {
      end();
      return null;
    } finally {
      clearTimeout(timer);
      asks.off('exit', left);
    }
  };
  const attack = async (what: Attack, planted?: Mutant): Promise<readonly Said[]> => {
    const mutant = planted && (await graftOf(planted));
    const isNew = child === null;
    let answer = await asked(what, mutant);
    // it may have been the one before that has broken it
    if (answer === null && !isNew) answer = await asked(what, mutant);
    if (answer === null) throw new Error(`nothing was said: ${errors}`);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.said;
  };
  return {
    // one at a time: they share the process
    attack: (what, mutant) => {
      const done = last.then(() => attack(what, mutant));
      last = done.catch(() => {});
      return done;
    },
    end,
  };
}

async function graftOf({ id, file, find, replace }: Mutant): Promise<Graft> {
  const text = mutated(await readFile(new URL(`../../${file}`, import.meta.url), 'utf8'), { find, replace });
  if (text === null) throw new Error('the mutant does not fit its file any more');
  return { id, file, text };
}
