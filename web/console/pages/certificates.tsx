/** Papers of what was passed and signed: one's own, and for the training team those of others, for a reason. */
import { Badge, Button, Select, Stack, Table, Text, Title } from '@mantine/core';
import type { CertificateToCopy, OwnedCertificates, TrainingCoverage } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { saveFile } from '../../ui/save-file.ts';
import { Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { LastDay, When } from '../when.tsx';
import { Refused } from './step-up.tsx';

type Certificate = OwnedCertificates['certificates'][number];
const COLORS = { valid: 'green', expired: 'gray', revoked: 'red' } as const;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const REASONS: readonly Readonly<{ value: CertificateToCopy['because']; label: string }>[] = [
  { value: 'audit', label: 'An audit' },
  { value: 'authority', label: 'An authority asks' },
  { value: 'contract', label: 'A contract asks for it' },
  { value: 'holder-asked', label: 'The holder asked' },
];

export function OwnCertificates() {
  const found = useQuery({ queryKey: ['certificates'], queryFn: () => room.certificates.mine() });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined || found.data.certificates.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        What you have passed and signed
      </Title>
      <Certificates all={found.data.certificates} get={(id) => room.certificates.pdf(id, HERE)} />
    </Stack>
  );
}

export function CertificatesOf({ people, mayCopy }: { people: TrainingCoverage['people']; mayCopy: boolean }) {
  const [person, setPerson] = useState<string | null>(null);
  const [because, setBecause] = useState<CertificateToCopy['because'] | null>(null);
  const found = useQuery({
    queryKey: ['certificates', person],
    queryFn: () => room.certificates.of(person as string),
    enabled: person !== null,
  });
  const get =
    because === null ? null : (id: string) => room.certificates.copy(id, { because, zone: HERE });
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        Certificates
      </Title>
      <Select label="Of whom" searchable value={person} onChange={setPerson} maw={420} data={people.map(({ id, name }) => ({ value: id, label: name }))} />
      {person !== null && mayCopy && (
        <Select label="What the copy is for" description="It is in the log, with your name." value={because} onChange={setBecause} maw={420} data={REASONS} />
      )}
      {found.isError && <Problem error={found.error} />}
      {found.data?.certificates.length === 0 && <Text size="sm">Nothing was passed or signed yet.</Text>}
      {found.data !== undefined && found.data.certificates.length > 0 && <Certificates all={found.data.certificates} get={mayCopy ? get : null} />}
    </Stack>
  );
} // prettier-ignore

type Get = ((id: string) => Promise<Uint8Array>) | null;

function Certificates({ all, get }: { all: readonly Certificate[]; get: Get }) {
  return (
    <Wide label="certificates" minWidth={560} stacks>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>When</Table.Th>
            <Table.Th>Until</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map((each) => (
            <Line key={each.id} of={each} get={get} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Line({ of, get }: { of: Certificate; get: Get }) {
  const take = useMutation({
    mutationFn: async (from: NonNullable<Get>) => {
      const pdf = await from(of.id);
      saveFile(`${of.id}.pdf`, new Blob([pdf.slice()], { type: 'application/pdf' }));
    },
  });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {of.title}
        {of.evidence === 'client' && (
          <Text size="sm" c="dimmed">
            by its own account
          </Text>
        )}
      </Table.Th>
      <Table.Td>
        <When at={of.at} />
      </Table.Td>
      <Table.Td>{of.until === null ? '–' : <LastDay at={of.until} />}</Table.Td>
      <Table.Td>
        <Badge variant="light" color={COLORS[of.state]}>
          {of.state}
        </Badge>
      </Table.Td>
      <Table.Td ta="right">
        <Button size="compact-sm" variant="default" disabled={get === null} loading={take.isPending} aria-label={`Certificate of ${of.title}`} onClick={() => get !== null && take.mutate(get)}>
          Certificate
        </Button>
        {take.isError && <Refused error={take.error} again={() => get !== null && take.mutate(get)} />}
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore
