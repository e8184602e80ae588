/**
 * Puts back what was there unless somebody confirms in time. A process of its own, so that it also does so when the one
 * that loaded the rules is dead, with its connection. It counts seconds that it slept: a clock that is set does not matter.
 *
 * Of the folder `pending-ID` one of two can take the name away: whoever confirms, or this. Renaming is the decision.
 */
import { spawn } from 'node:child_process';

import type { NftCommand } from './nft.ts';

/** $1 folder, $2 id, $3 seconds, the rest runs nft. Written for any POSIX shell. */
const SCRIPT = `
cd "$1" || exit 1
id=$2; left=$3; shift 3
echo $$ > "pending-$id/armed.new" && mv "pending-$id/armed.new" "pending-$id/armed" || exit 1
while [ "$left" -gt 0 ]; do
  sleep 1
  [ -d "pending-$id" ] || exit 0
  left=$((left - 1))
done
mv "pending-$id" "rolling-$id" || exit 0
"$@" -f "rolling-$id/restore.nft" > "rolling-$id/said" 2>&1
echo $? > "rolling-$id/code"
mv "rolling-$id" "back-$id"
`;

export function armWatch(folder: string, id: string, seconds: number, command: NftCommand): void {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'strongroom-firewall-watch', folder, id, String(seconds), ...command], {
    // a session of its own: closing the terminal does not end it
    detached: true,
    stdio: 'ignore',
    env,
  });
  // no shell, no watch: whoever waits for it to be armed notices
  child.on('error', () => undefined);
  child.unref();
}
