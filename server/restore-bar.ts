/** How far a restore is: a bar on a person's terminal, a line for each step elsewhere, nothing for machines. */

const WIDTH = 30;

export function restoreBar(json: boolean): {
  step: (name: string, done: number, of: number) => void;
  stop: () => void;
} {
  if (json) return { step: () => {}, stop: () => {} };
  const tty = process.stderr.isTTY;
  let last = '';
  return {
    step: (name, done, of) => {
      if (tty) {
        const full = Math.round((WIDTH * done) / Math.max(of, 1));
        process.stderr.write(
          `\r\u001b[K${name.padEnd(8)} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done} of ${of}`,
        );
      } else if (name !== last) process.stderr.write(`${name}\n`);
      last = name;
    },
    stop: () => {
      if (tty && last !== '') process.stderr.write('\r\u001b[K');
      last = '';
    },
  };
}
