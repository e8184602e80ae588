/** What is brought from elsewhere: reports of scanners, VEX, feeds of advisories; and scanners that run here. */
import {
  Alert,
  Badge,
  Button,
  Card,
  FileInput,
  Group,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import type { Scanner } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { counted, Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const KINDS = [
  { value: 'report', label: 'a scanner’s report, or an SBOM with weaknesses' },
  { value: 'vex', label: 'VEX: who says that a version is not affected' },
  { value: 'osv', label: 'OSV: records of known weaknesses' },
  { value: 'kev', label: 'KEV: those that attackers use' },
  { value: 'epss', label: 'EPSS: how likely each will be used' },
] as const;
type Kind = (typeof KINDS)[number]['value'];

export function AssuranceBroughtPage() {
  const actions = useWhoAmI().data?.actions ?? [];
  return (
    <Stack>
      <Title order={1} size="h2">
        Reports and scanners
      </Title>
      <Text size="sm">
        Nothing is fetched from here: what others found or know is brought. That a scanner found nothing proves nothing;
        what it no longer names waits for a retest.
      </Text>
      {actions.includes('findings.report') && <Bring mayWork={actions.includes('findings.work')} />}
      <Feeds />
      <Scanners mayRun={actions.includes('assurance.run')} />
      <Reports />
    </Stack>
  );
}

function Bring({ mayWork }: { mayWork: boolean }) {
  const queries = useQueryClient();
  const [kind, setKind] = useState<Kind>('report');
  const [file, setFile] = useState<File | null>(null);
  const [asset, setAsset] = useState('');
  const bring = useMutation({
    mutationFn: async (): Promise<string> => {
      const bytes = new Uint8Array(await (file as File).arrayBuffer());
      if (kind === 'report') {
        const { source, findings, opened, retest } = await room.assurance.takeReport(bytes, asset === '' ? {} : { asset });
        return `${source}: ${counted(findings, 'finding')}, ${opened} new, ${counted(retest, 'waits', 'wait')} for a retest`;
      }
      if (kind === 'vex') {
        const { statements, notAffected, retest, reopened, unmatched, refused } = await room.assurance.takeVex(bytes);
        return `${counted(statements, 'statement')}: ${notAffected.length} not affected, ${counted(retest.length, 'waits', 'wait')} for a retest, ${reopened.length} open again, ${unmatched} about nothing here${refused.length === 0 ? '' : `; not taken: ${refused.join('; ')}`}`;
      }
      const { affected, parts } = await room.assurance.loadFeed(kind, bytes);
      return `${affected} of ${counted(parts ?? 0, 'part')} ${affected === 1 ? 'is' : 'are'} affected`;
    },
    onSuccess: () => {
      setFile(null);
      return queries.invalidateQueries({ queryKey: ['assurance'] });
    },
  }); // prettier-ignore
  const send = (event: FormEvent): void => {
    event.preventDefault();
    bring.mutate();
  };
  return (
    <Card withBorder>
      <form onSubmit={send}>
        <Stack>
          <Title order={2} size="h4">
            Bring something
          </Title>
          <Select
            label="What it is"
            allowDeselect={false}
            data={KINDS.filter(({ value }) => value !== 'vex' || mayWork)}
            value={kind}
            onChange={(chosen) => setKind(chosen ?? 'report')}
          />
          <FileInput label="The file, as it was got" value={file} onChange={setFile} clearable />
          {kind === 'report' && (
            <TextInput
              label="What was tested"
              description="where the report does not say it"
              value={asset}
              onChange={(event) => setAsset(event.currentTarget.value)}
            />
          )}
          {bring.isError && <Refused error={bring.error} again={() => bring.reset()} />}
          {bring.isSuccess && (
            <Alert color="teal" role="status" className="wrap">
              {bring.data}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" disabled={file === null} loading={bring.isPending}>
              Take the file in
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

const AGES = { fresh: 'teal', stale: 'orange', missing: 'gray', future: 'red' } as const;

function Feeds() {
  const found = useQuery({
    queryKey: ['assurance', 'feeds'],
    queryFn: ({ signal }) => room.assurance.feeds({ signal }),
  });
  if (found.isPending) return <Fetching what="feeds" />;
  if (found.isError) return <Problem error={found.error} />;
  return (
    <Listed title="What is known of weaknesses" head={['Feed', 'State', 'Records', 'As of']} stacks>
      {found.data.feeds.map(({ feed, state, records, asOf }) => (
        <Table.Tr key={feed}>
          <Table.Th scope="row" fw={500}>
            {feed.toUpperCase()}
          </Table.Th>
          <Table.Td>
            <Badge variant="light" color={AGES[state]}>
              {state}
            </Badge>
          </Table.Td>
          <Table.Td>{records}</Table.Td>
          <Table.Td>{asOf === null ? 'never' : <When at={asOf} />}</Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

const STATES: Readonly<Record<Scanner['state'], string>> = { done: 'teal', running: 'blue', invalid: 'orange', never: 'gray', 'not installed': 'gray', 'no TLS': 'gray', 'not armed': 'gray' }; // prettier-ignore
const EVERY_MS = 5000;

function Scanners({ mayRun }: { mayRun: boolean }) {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['assurance', 'scanners'], queryFn: ({ signal }) => room.assurance.scanners({ signal }), refetchInterval: EVERY_MS }); // prettier-ignore
  const scan = useMutation({ mutationFn: () => room.assurance.scan(), onSuccess: () => queries.invalidateQueries({ queryKey: ['assurance'] }) }); // prettier-ignore
  if (found.isPending) return <Fetching what="scanners" />;
  if (found.isError) return <Problem error={found.error} />;
  return (
    <>
      {scan.isError && <Refused error={scan.error} again={() => scan.mutate()} />}
      <Listed
        title="Scanners that look at this system"
        head={['Scanner', 'State', 'Looks at', 'Found', 'Last']}
        minWidth={760}
        stacks
        aside={
          mayRun && (
            <Button variant="default" size="xs" loading={scan.isPending} onClick={() => scan.mutate()}>
              Run all scanners that can run
            </Button>
          )
        }
      >
        {found.data.scanners.map(({ name, says, kind, state, because, at, findings }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={500}>
              {name}
            </Table.Th>
            <Table.Td>
              <Badge variant={state === 'done' || state === 'running' || state === 'invalid' ? 'light' : 'outline'} color={STATES[state]}>
                {state}
              </Badge>
              {because !== '' && (
                <Text size="sm" c="dimmed">
                  {because}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              {says}
              {kind === 'attack' && ' (attacks)'}
            </Table.Td>
            <Table.Td>{at === null ? '' : findings}</Table.Td>
            <Table.Td>{at === null ? 'never' : <When at={at} />}</Table.Td>
          </Table.Tr>
        ))}
      </Listed>
    </>
  ); // prettier-ignore
}

function Reports() {
  const nameOf = useDoers();
  const found = useQuery({
    queryKey: ['assurance', 'reports'],
    queryFn: ({ signal }) => room.assurance.reports({ signal }),
  });
  if (found.isPending) return <Fetching what="reports" />;
  if (found.isError) return <Problem error={found.error} />;
  if (found.data.reports.length === 0)
    return (
      <Card withBorder>
        <Empty title="No report was taken in yet">Bring one above, or let a scanner run here.</Empty>
      </Card>
    );
  return (
    <Listed title="Reports that were taken in" head={['Tool', 'Findings', 'New', 'For a retest', 'By', 'When']} minWidth={700} stacks>
      {found.data.reports.map(({ id, source, findings, opened, retest, loadedBy, loadedAt }) => (
        <Table.Tr key={id}>
          <Table.Th scope="row" fw={500}>
            {source}
          </Table.Th>
          <Table.Td>{findings}</Table.Td>
          <Table.Td>{opened}</Table.Td>
          <Table.Td>{retest}</Table.Td>
          <Table.Td className="wrap">{nameOf(loadedBy)}</Table.Td>
          <Table.Td>
            <When at={loadedAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  ); // prettier-ignore
}
