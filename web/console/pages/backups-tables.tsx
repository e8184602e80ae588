/** Backups, drills, stores and recipients as tables. */
import { Anchor, Badge, Card, Code, Table, Text } from '@mantine/core';
import type { BackupStanding } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';

import { counted, Listed } from '../../ui/listed.tsx';
import { sizeText } from '../../ui/size.ts';
import { Empty, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { span } from './backups-plots.tsx';

const COLOURS: Readonly<Record<string, string>> = { done: 'teal', passed: 'teal', running: 'blue', failed: 'red' };
const SHOWN = 20;

const State = ({ state }: { state: string }) => (
  <Badge variant="light" color={COLOURS[state] ?? 'gray'}>
    {state}
  </Badge>
);

export function Runs() {
  const nameOf = useDoers();
  const runs = useQuery({
    queryKey: ['backups', 'runs'],
    queryFn: () => room.backups.list(SHOWN),
    refetchInterval: ({ state }) => (state.data?.runs.some((run) => run.state === 'running') === true ? 1000 : false),
  });
  if (runs.isError) return <Problem error={runs.error} />;
  if (runs.data?.runs.length === 0)
    return (
      <Card withBorder>
        <Empty title="No backup was taken yet">The first one begins by itself within seconds.</Empty>
      </Card>
    );
  return (
    <Listed minWidth={620} stacks title="Newest backups" head={['Backup', 'State', 'Began', 'Rows', 'Sealed', 'By']}>
      {runs.data?.runs.map((run) => (
        <Table.Tr key={run.id}>
          <Table.Th scope="row" fw={500}>
            {run.plane} {run.seq}
          </Table.Th>
          <Table.Td>
            <State state={run.state} />
            {run.because !== null && <Code>{run.because}</Code>}
          </Table.Td>
          <Table.Td>
            <When at={run.startedAt} />
          </Table.Td>
          <Table.Td>{run.rows.toLocaleString()}</Table.Td>
          <Table.Td>
            {run.pruned ? 'pruned' : `${sizeText(run.sealedBytes)}, ${counted(run.objects, 'object')}`}
          </Table.Td>
          <Table.Td>{nameOf(run.startedBy)}</Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

export function Drills({ drills }: { drills: BackupStanding['drills'] }) {
  if (drills.length === 0) return null;
  return (
    <Listed
      minWidth={620}
      stacks
      title="Drills"
      head={['When', 'Proven', 'Backup', 'It took', 'Forgotten again', 'Records opened', 'Canaries']}
    >
      {drills.map((drill) => (
        <Table.Tr key={drill.at}>
          <Table.Th scope="row" fw={500}>
            <When at={drill.at} />
          </Table.Th>
          <Table.Td>
            <State state={drill.passed ? 'passed' : 'failed'} />
          </Table.Td>
          <Table.Td>data {drill.seq}</Table.Td>
          <Table.Td>{span(drill.seconds)}</Table.Td>
          <Table.Td>{drill.erased.toLocaleString()}</Table.Td>
          <Table.Td>{drill.records.toLocaleString()}</Table.Td>
          <Table.Td>{drill.canaries}</Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

export const Stores = ({ stores }: { stores: BackupStanding['stores'] }) => (
  <Listed minWidth={620} stacks title="Stores" head={['Plane', 'Place', 'Locks', 'Where', 'State']}>
    {stores.map(({ plane, place, locks, nearby, problem }) => (
      <Table.Tr key={`${plane} ${place}`}>
        <Table.Th scope="row" fw={500}>
          {plane}
        </Table.Th>
        <Table.Td className="wrap">{place}</Table.Td>
        <Table.Td>{locks}</Table.Td>
        <Table.Td>{nearby ? 'this machine' : 'elsewhere'}</Table.Td>
        <Table.Td className="wrap">{problem ?? 'answers'}</Table.Td>
      </Table.Tr>
    ))}
  </Listed>
);

/** Who can open backups: the server cannot. */
export function Recipients({
  recipients,
  signer,
}: {
  recipients: BackupStanding['recipients'];
  signer: string | null;
}) {
  const nameOf = useDoers();
  return (
    <>
      <Listed
        minWidth={620}
        stacks
        title="Who can open backups"
        head={['Identity', 'Kind', 'Trusted', 'Shares last proven', 'For print']}
      >
        {recipients.slice(0, SHOWN).map((one) => (
          <Table.Tr key={one.fingerprint}>
            <Table.Th scope="row" fw={500} className="mono">
              {one.fingerprint}
            </Table.Th>
            <Table.Td>
              {one.kind} {one.retiredAt !== null && <Badge color="gray">retired</Badge>}
            </Table.Td>
            <Table.Td>
              <When at={one.addedAt} /> by {nameOf(one.addedBy)}
            </Table.Td>
            <Table.Td>{one.kind === 'offline' ? <When at={one.provenAt} /> : '–'}</Table.Td>
            <Table.Td>
              {one.kind === 'offline' && (
                <Anchor size="sm" href={`/v1/backups/recipients/${one.fingerprint}/cover.pdf`} download>
                  Cover sheet
                </Anchor>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Listed>
      {signer !== null && (
        <Text size="sm" className="wrap">
          Signer of all manifests, as it belongs on paper: <Code>{signer}</Code>
        </Text>
      )}
    </>
  );
}
