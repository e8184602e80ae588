/** The link for reports without a name: to copy, to print as a code, to replace when it was misused. */
import { Button, Card, Code, CopyButton, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { QRCodeSVG } from 'qrcode.react';

import { Confirm } from '../../ui/confirm.tsx';
import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const DEAD =
  'The link on posters and in the intranet is dead at once: whoever uses it is told so, and whom to call. Numbers of reports that were made stay good.';

export function NamelessLink() {
  const may = useWhoAmI().data?.actions.includes('incidents.manage') === true;
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['incidents', 'report-link'], queryFn: () => room.incidents.reportLink() });
  const change = useMutation({
    mutationFn: async (how: 'replace' | 'end') => {
      await (how === 'end' ? room.incidents.endReportLink() : room.incidents.replaceReportLink());
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['incidents', 'report-link'] }),
  });
  const link = found.data?.link ?? null;
  return (
    <Card withBorder component="section" aria-label="the link">
      <Stack>
        <Title order={2} size="h4">
          The link
        </Title>
        <Text size="sm">
          For the intranet, and on a poster for the kitchen: whoever has it reports without signing in. It says nothing
          of who they are, and is the same for everybody.
        </Text>
        {found.isError && <Problem error={found.error} />}
        {found.data !== undefined && link === null && (
          <Text size="sm">There is none: nothing can be reported without a name.</Text>
        )}
        {link !== null && (
          <>
            <Group align="flex-start">
              <div className="poster" style={{ background: 'white', padding: 12, width: 'fit-content' }}>
                <div className="on-paper">
                  <p>Something happened? Tell us, without your name.</p>
                  <p lang="de">Etwas passiert? Sagen Sie es uns, ohne Namen.</p>
                  <p lang="fr">Il s’est passé quelque chose ? Dites-le-nous, sans nom.</p>
                  <p lang="es">¿Ha pasado algo? Díganoslo, sin nombre.</p>
                </div>
                <QRCodeSVG value={link.url} size={168} title="QR code of the link for reports without a name" />
                <p className="on-paper" style={{ fontSize: '10pt' }}>
                  {link.url}
                </p>
              </div>
              <Stack gap="xs" flex={1} miw={220}>
                <Code block className="wrap" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                  {link.url}
                </Code>
                <Text size="xs" c="dimmed">
                  made <When at={link.madeAt} />
                </Text>
                <Group gap="xs">
                  <CopyButton value={link.url}>
                    {({ copied, copy }) => (
                      <Button variant="default" onClick={copy}>
                        {copied ? 'Copied' : 'Copy'}
                      </Button>
                    )}
                  </CopyButton>
                  <Button variant="default" component="a" href={link.url} target="_blank" rel="noreferrer">
                    See the page
                  </Button>
                  <Button variant="default" onClick={() => print()}>
                    Print
                  </Button>
                </Group>
              </Stack>
            </Group>
          </>
        )}
        {may && found.data !== undefined && (
          <Group gap="xs">
            {link === null && (
              <Button loading={change.isPending} onClick={() => change.mutate('replace')}>
                Make the link
              </Button>
            )}
            {link !== null && (
              <>
                <Confirm
                  label="Replace it"
                  title="Replace the link?"
                  loading={change.isPending}
                  onYes={() => change.mutate('replace')}
                >
                  {DEAD}
                </Confirm>
                <Confirm
                  label="Take it back"
                  title="Take the link back?"
                  variant="subtle"
                  color="red"
                  loading={change.isPending}
                  onYes={() => change.mutate('end')}
                >
                  {DEAD}
                </Confirm>
              </>
            )}
          </Group>
        )}
        {change.isError && <Refused error={change.error} again={() => change.mutate(change.variables)} />}
      </Stack>
    </Card>
  );
}
