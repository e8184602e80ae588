/** What I sign in with, and where I am signed in. */
import {
  Alert, Badge, Button, Card, Code, Group, PasswordInput, SimpleGrid, Stack, Table, Text, TextInput, Title,
} from '@mantine/core'; // prettier-ignore
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { QRCodeSVG } from 'qrcode.react';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { deviceText } from '../device-text.ts';
import { factorsIn } from '../factors-text.ts';
import { room } from '../room.ts';
import { useSession } from '../session.ts';
import { When } from '../when.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { MyPasskeys } from './passkeys.tsx';
import { Refused, StepUp } from './step-up.tsx';

export function MePage() {
  const session = useSession();
  const factors = useQuery({ queryKey: ['factors'], queryFn: () => room.factors.list() });
  const queries = useQueryClient();
  if (factors.isPending) return <Fetching what="how you sign in" />;
  if (factors.isError) return <Problem error={factors.error} />;
  const limited = session.data?.mfa === 'none';
  const hasSecond = factors.data.totp || factors.data.passkeys > 0;
  return (
    <Stack>
      <Title order={1} size="h2">
        My sign-in
      </Title>
      {limited &&
        (hasSecond ? (
          <>
            <Alert color="orange" title="One factor was shown">
              It opens nothing. Show your second factor too.
            </Alert>
            <StepUp onDone={() => void queries.invalidateQueries()} />
          </>
        ) : (
          <Alert color="orange" title="Set up a second factor first">
            {factors.data.password
              ? 'A password alone opens nothing here. Add a passkey or an authenticator app; then everything that your role may is open.'
              : 'Your provider did not say that it asked for two factors. Add a passkey; then everything that your role may is open.'}
          </Alert>
        ))}
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: 'start' }}>
        {(factors.data.password || factors.data.totp) && (
          <Totp has={factors.data.totp} left={factors.data.recoveryCodes} />
        )}
        <MyPasskeys />
        {!limited && <Password has={factors.data.password} />}
      </SimpleGrid>
      {!limited && <MySessions here={session.data?.id ?? ''} />}
    </Stack>
  );
}

/** Whether what failed asks for a newer authentication. */

function Totp({ has, left }: { has: boolean; left: number }) {
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  // also what this session may: it has shown both factors now
  const renew = () => queries.invalidateQueries();
  const offer = useMutation({ mutationFn: () => room.factors.offerTotp() });
  const confirm = useMutation({
    mutationFn: () => room.factors.confirmTotp(code.replaceAll(/\s/g, '')),
    onSuccess: renew,
  });
  const codes = useMutation({ mutationFn: () => room.factors.newRecoveryCodes(), onSuccess: renew });
  const shown = confirm.data?.recoveryCodes ?? codes.data?.recoveryCodes;
  return (
    <Card withBorder component="section" aria-label="authenticator app">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Authenticator app
          </Title>
          <Badge variant="light" color={has ? 'teal' : 'gray'}>
            {has ? 'in use' : 'not set up'}
          </Badge>
        </Group>
        {has && <Text size="sm">{left === 1 ? '1 recovery code is' : `${left} recovery codes are`} left.</Text>}
        {offer.data === undefined && (
          <Group>
            <Button variant={has ? 'default' : 'filled'} onClick={() => offer.mutate()} loading={offer.isPending}>
              {has ? 'Set up another app' : 'Set up'}
            </Button>
            {has && (
              <Button variant="default" onClick={() => codes.mutate()} loading={codes.isPending}>
                New recovery codes
              </Button>
            )}
          </Group>
        )}
        {[offer, codes].map(
          (each, at) => each.isError && <Refused key={at} error={each.error} again={() => each.mutate()} />,
        )}
        {offer.data !== undefined && confirm.data === undefined && (
          <Stack gap="xs">
            <Text size="sm">Scan this with your app, then type the code it shows.</Text>
            <div style={{ background: 'white', padding: 12, width: 'fit-content' }}>
              <QRCodeSVG value={offer.data.uri} size={168} title="QR code for your authenticator app" />
            </div>
            <Text size="sm" className="wrap">
              Or type it in: <Code>{offer.data.secret}</Code>
            </Text>
            <Group align="flex-end">
              <TextInput
                label="Code"
                inputMode="numeric"
                autoComplete="one-time-code"
                value={code}
                onChange={(event) => setCode(event.currentTarget.value)}
              />
              <Button
                onClick={() => confirm.mutate()}
                loading={confirm.isPending}
                disabled={code.replaceAll(/\s/g, '').length !== 6}
              >
                Confirm
              </Button>
            </Group>
            {confirm.isError && <Problem error={confirm.error} />}
          </Stack>
        )}
        {shown !== undefined && <RecoveryCodes codes={shown} instead="app" />}
      </Stack>
    </Card>
  );
}

function Password({ has }: { has: boolean }) {
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => room.factors.changePassword(password, has ? old : undefined),
    onSuccess: () => {
      setOld('');
      setPassword('');
    },
  });
  return (
    <Card withBorder component="section" aria-label="password">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Password
        </Title>
        {has && (
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label="New password"
          description="Length counts; a sentence is fine"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {change.isError && <Refused error={change.error} again={() => change.mutate()} />}
        {change.isSuccess && (
          <Text size="sm" role="status">
            Changed. Your other sessions ended.
          </Text>
        )}
        <Group>
          <Button
            variant="default"
            loading={change.isPending}
            disabled={password.length < 8 || (has && old === '')}
            onClick={() => change.mutate()}
          >
            Change
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

function MySessions({ here }: { here: string }) {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: ['sessions'], queryFn: () => room.session.list() });
  const renew = () => queries.invalidateQueries({ queryKey: ['sessions'] });
  const end = useMutation({ mutationFn: (id: string) => room.session.end(id), onSuccess: renew });
  const others = useMutation({ mutationFn: () => room.session.endOthers(), onSuccess: renew });
  if (list.isPending) return <Fetching what="your sessions" />;
  if (list.isError) return <Problem error={list.error} />;
  return (
    <Card withBorder component="section" aria-label="sessions">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Where you are signed in
        </Title>
        <Button
          variant="default"
          size="compact-sm"
          disabled={list.data.sessions.length < 2}
          loading={others.isPending}
          onClick={() => others.mutate()}
        >
          End all others
        </Button>
      </Group>
      {[
        { failed: end, again: () => end.mutate(end.variables as string) },
        { failed: others, again: () => others.mutate() },
      ].map(({ failed, again }, at) => failed.isError && <Refused key={at} error={failed.error} again={again} />)}
      <Wide label="sessions" minWidth={560} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Device</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th>Last seen</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.data.sessions.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Th scope="row" fw={500} title={one.device}>
                  {deviceText(one.device)}
                </Table.Th>
                <Table.Td>{one.role}</Table.Td>
                <Table.Td>{factorsIn(one.amr)}</Table.Td>
                <Table.Td>
                  <When at={one.seenAt} />
                </Table.Td>
                <Table.Td ta="right">
                  {one.id === here ? (
                    <Badge variant="light">this one</Badge>
                  ) : (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`End the session of ${deviceText(one.device)}`}
                      loading={end.isPending && end.variables === one.id}
                      onClick={() => end.mutate(one.id)}
                    >
                      End
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}
