/**
 * Runs the steps of a check side by side, prints each with its time, and afterwards what the red ones said.
 */
export type Step = Readonly<{ name: string; work: () => Promise<Readonly<{ ok: boolean; said: string }>> }>;

export type StepOptions = Readonly<{ print: (line: string) => void; atOnce: number }>;

/** A step that throws is red. @returns the names of the red ones */
export async function runSteps(steps: readonly Step[], { print, atOnce }: StepOptions): Promise<readonly string[]> {
  const waiting = [...steps];
  const red = new Map<string, string>();

  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const from = performance.now();
      const { ok, said } = await step.work().catch((cause: unknown) => ({
        ok: false,
        said: cause instanceof Error ? cause.message : String(cause),
      }));
      const seconds = ((performance.now() - from) / 1000).toFixed(1).padStart(5);
      print(`${ok ? '✔' : '✖'} ${step.name.padEnd(20)} ${seconds} s`);
      if (!ok) red.set(step.name, said.trim());
    }
  };

  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const [name, said] of red) print(`\n── ${name}\n${said}`);
  return [...red.keys()];
}
