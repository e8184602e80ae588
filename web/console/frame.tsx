/** What stands around every page: who is signed in and in which role, where one can go. */
import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Burger,
  Button,
  Center,
  Group,
  Indicator,
  Menu,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell, IconMoon, IconShieldLock, IconSun } from '@tabler/icons-react';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useLocation, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { Fetching } from '../ui/states.tsx';
import { useArrival } from './arrival.ts';
import { Dialog } from './dialog.tsx';
import { NotFetched, Outdated } from './fetched-again.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { isAt, partsOf, type Place, PLACES } from './places.ts';
import { room } from './room.ts';
import { useEligibility, useNotices, useSession, useWhoAmI } from './session.ts';
import { DrillOpen } from './drill-open.tsx';
import { ExerciseOpen } from './exercise-open.tsx';
import { TrainingDue } from './training-due.tsx';
import { TypedBefore } from './typed-before.tsx';

export function Frame() {
  const session = useSession();
  const [open, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  // whose page is drawn: on the way to another one, the address is that one's already
  const drawn = useRouterState({ select: ({ resolvedLocation, location }) => (resolvedLocation ?? location).pathname });
  // a password alone opens nothing but setting up a second factor, which is on one's own page
  const limited = session.data?.mfa === 'none';
  const who = useWhoAmI(session.data !== undefined && session.data !== null && !limited);
  const actions: readonly string[] = who.data?.actions ?? [];
  // whoever may break glass or look at it; that needs a passkey used a moment ago, so it is not among the actions
  const eligibility = useEligibility(actions.some((each) => each.startsWith('grants.')));
  const glass = actions.includes('grants.read') || (eligibility.data?.breakGlass ?? null) !== null;
  const isOpen = ({ to, action }: Place): boolean => {
    if (limited) return to === '/me';
    return action === null || (action === 'glass' ? glass : actions.includes(action));
  };
  const place = PLACES.find(({ to }) => isAt(to, pathname));
  const main = useArrival(pathname, session.data === null ? 'Sign in' : (place?.label ?? 'Console'));
  if (session.isPending) return <Fetching what="who is signed in" />;
  if (session.isError)
    return (
      <Center mih="100vh" p="md" component="main">
        <NotFetched of={session} />
      </Center>
    );
  if (session.data === null) return <SignIn />;
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding="md"
    >
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="sm">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="menu" />
            <IconShieldLock aria-hidden size={24} />
            <Text fw={700} visibleFrom="xs">
              Strongroom
            </Text>
            <VisuallyHidden hiddenFrom="xs">Strongroom</VisuallyHidden>
          </Group>
          <Group wrap="nowrap" gap="xs">
            {!limited && <Bell />}
            <Scheme />
            <Who name={session.data.name} role={session.data.role} roles={limited ? [] : session.data.roles} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="places" className="places">
        <Places places={PLACES.filter(isOpen)} pathname={pathname} onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1}>
        <Outdated />
        <TypedBefore key={session.data.person} person={session.data.person} />
        {who.isError && <NotFetched of={who} />}
        {limited && pathname !== '/me' && <Navigate to="/me" replace />}
        {!limited && <DrillOpen pathname={drawn} />}
        {!limited && <ExerciseOpen pathname={drawn} />}
        {!limited && <TrainingDue pathname={drawn} />}
        {(!limited || drawn === '/me') && <Outlet />}
      </AppShell.Main>
    </AppShell>
  );
}

/** A practice's places stand together under its name. */
function Places({ places, pathname, onGo }: { places: readonly Place[]; pathname: string; onGo: () => void }) {
  const here = useRef<HTMLAnchorElement>(null);
  // the list is longer than most screens: where one is stands within it, also after coming by an address
  useEffect(() => {
    here.current?.scrollIntoView({ block: 'nearest' });
  }, [pathname, places.length]);
  return partsOf(places).map((group) => {
    const part = group[0]?.part ?? null;
    return (
      <Box key={group[0]?.to} mb="sm" {...(part === null ? {} : { role: 'group', 'aria-label': part })}>
        {part !== null && (
          <Text size="xs" fw={700} c="dimmed" px="sm" pb={4} aria-hidden>
            {part}
          </Text>
        )}
        {group.map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            ref={isAt(to, pathname) ? here : undefined}
            activeOptions={{ exact: true }}
            label={label}
            leftSection={<Icon aria-hidden size={18} />}
            active={isAt(to, pathname)}
            aria-current={pathname === to ? 'page' : undefined}
            onClick={onGo}
          />
        ))}
      </Box>
    );
  });
}

/** How much is new; the number is in the name too, for whoever does not see it. */
function Bell() {
  const unread = useNotices().data?.unread ?? 0;
  return (
    <Indicator label={unread > 99 ? '99+' : unread} size={18} disabled={unread === 0} color="red.8" offset={4}>
      <ActionIcon
        component={Link}
        to="/notices"
        variant="subtle"
        size="lg"
        aria-label={unread === 0 ? 'no new notices' : `${unread} new notices`}
      >
        <IconBell aria-hidden size={18} />
      </ActionIcon>
    </Indicator>
  );
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  // who chose none has that of the system: the button offers the other one
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      aria-label={dark ? 'use light colours' : 'use dark colours'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun aria-hidden size={18} /> : <IconMoon aria-hidden size={18} />}
    </Button>
  );
}

function Who({ name, role, roles }: { name: string; role: string; roles: readonly string[] }) {
  const queries = useQueryClient();
  // what was fetched in another role, or by another person, must not stay on the screen
  const anew = () => queries.resetQueries();
  const act = useMutation({ mutationFn: (next: string) => room.session.actAs(next), onSuccess: anew });
  const leave = useMutation({
    mutationFn: () => room.session.signOut(),
    // where the session began at another provider, its page ends the one there
    onSuccess: (left) => (left?.next === undefined ? anew() : window.location.assign(left.next)),
  });
  return (
    <>
      <NotDone of={leave} title="You are still signed in">
        Whoever uses this browser next goes on as you.
      </NotDone>
      <NotDone of={act} title={`You still act as ${role}`}>
        Nothing has changed.
      </NotDone>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-md"
            className="icon-on-phone"
            rightSection={
              <Badge size="sm" styles={{ label: { textTransform: 'uppercase' } }}>
                {role}
              </Badge>
            }
          >
            <Text component="span" size="sm" visibleFrom="xs">
              {name}
            </Text>
            <VisuallyHidden hiddenFrom="xs">{name}</VisuallyHidden>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {roles.length > 1 && <Menu.Label>Act as</Menu.Label>}
          {roles.length > 1 &&
            roles.map((each) => (
              <Menu.Item key={each} disabled={each === role} onClick={() => act.mutate(each)}>
                {each}
              </Menu.Item>
            ))}
          {roles.length > 1 && <Menu.Divider />}
          <Menu.Item component={Link} to="/me">
            My sign-in and sessions
          </Menu.Item>
          <Menu.Item color="red" onClick={() => leave.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** The menu is gone by then: whoever does not hear of it walks away believing it. */
function NotDone<Said>({
  of,
  title,
  children,
}: {
  of: UseMutationResult<unknown, Error, Said>;
  title: string;
  children: string;
}) {
  if (!of.isError) return null;
  const again = (): void => of.mutate(of.variables);
  return (
    <Dialog title={title} sending={of} onClose={of.reset} choices={<Button onClick={again}>Try again</Button>}>
      <Text size="sm">{children}</Text>
    </Dialog>
  );
}
