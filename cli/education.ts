/** `strongroom education …`: people who know what to do. */
import type { Command } from 'commander';

import type { Run } from './connection.ts';
import { phishingCommands } from './education-phishing.ts';

export function educationCommands(program: Command, run: Run): void {
  const education = program
    .command('education')
    .description('people who know what to do, and access that depends on it');
  phishingCommands(education, run);
}
