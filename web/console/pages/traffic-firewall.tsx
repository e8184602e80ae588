/** Who is held back, who never is, what guards the machine itself, and what was planted for thieves. */
import { Card, Code, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core';

import { useWhoAmI } from '../session.ts';
import { HoldBack } from './traffic-hold-back.tsx';
import { HoneyPlanted } from './traffic-honey.tsx';
import { Measures } from './traffic-measures.tsx';

export function TrafficFirewallPage() {
  const actions: readonly string[] = useWhoAmI().data?.actions ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Firewall
        </Title>
        {actions.includes('measures.take') && (
          <Group>
            <HoldBack kind="throttle" />
            <HoldBack kind="block-address" />
          </Group>
        )}
      </Group>
      <Measures />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder padding="sm">
          <Title order={2} size="h4" mb="xs">
            What is never blocked
          </Title>
          <List size="sm">
            <List.Item>your own address, whoever you are</List.Item>
            <List.Item>this machine itself (loopback), and the proxies it trusts</List.Item>
            <List.Item>
              the networks that the setting <Code>STRONGROOM_NEVER_BLOCK</Code> names
            </List.Item>
            <List.Item>anything wider than a /24 of IPv4 or a /56 of IPv6</List.Item>
          </List>
          <Text size="sm" mt="xs">
            Every measure has an end. Whoever is blocked here is refused by Strongroom, at its door: packets still
            arrive.
          </Text>
        </Card>
        <Card withBorder padding="sm">
          <Title order={2} size="h4" mb="xs">
            The machine’s own firewall
          </Title>
          <Text size="sm" mb="xs">
            Its rules (nftables) are changed on the machine, by whoever may do so there, and not from a browser:
          </Text>
          <List size="sm">
            <List.Item>
              <Code>strongroom traffic firewall plan</Code> shows the rules that the policy makes
            </List.Item>
            <List.Item>
              <Code>strongroom traffic firewall apply</Code> loads them, and takes them back unless <Code>confirm</Code>{' '}
              follows
            </List.Item>
            <List.Item>
              <Code>strongroom traffic firewall verify</Code> tries from outside what is open
            </List.Item>
          </List>
        </Card>
      </SimpleGrid>
      {actions.includes('honey.manage') && <HoneyPlanted />}
    </Stack>
  );
}
