/** On what a figure was measured. */
import { cpus, totalmem, release, platform } from 'node:os';

export type Machine = Readonly<{
  cpu: string;
  cores: number;
  memoryGib: number;
  system: string;
  node: string;
  openssl: string;
  postgresql: string | null;
}>;

export function thisMachine(postgresql: string | null): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    openssl: process.versions.openssl,
    postgresql,
  };
}
