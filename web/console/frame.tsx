/** What stands around every page: who is signed in and in which role, where one can go. */
import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Button,
  Group,
  Indicator,
  Menu,
  NavLink,
  Text,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconBell, IconClock, IconDatabase, IconDatabaseExport, IconFileText, IconFilter, IconForms, IconTrash, IconHammer, IconHourglassEmpty, IconId, IconInbox, IconKey, IconListCheck, IconListSearch, IconRadar2, IconMail, IconMoon, IconRobot, IconScale, IconShieldLock, IconSpeakerphone, IconSun,
  IconUser, IconUsers, IconUsersGroup,
} from '@tabler/icons-react'; // prettier-ignore
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useLocation } from '@tanstack/react-router';

import { Fetching, Problem } from '../ui/states.tsx';
import { useArrival } from './arrival.ts';
import { SignIn } from './pages/sign-in.tsx';
import { room } from './room.ts';
import { useEligibility, useNotices, useSession, useWhoAmI } from './session.ts';

const PLACES = [
  { to: '/', label: 'Customers', icon: IconUsersGroup, action: null },
  { to: '/notices', label: 'Notices', icon: IconBell, action: null },
  { to: '/requests', label: 'Access for a time', icon: IconClock, action: null },
  { to: '/break-glass', label: 'Break-glass', icon: IconHammer, action: 'glass' },
  { to: '/reviews', label: 'Reviews', icon: IconListCheck, action: 'reviews.read' },
  { to: '/unused', label: 'Unused permissions', icon: IconHourglassEmpty, action: 'grants.read' },
  { to: '/catalogue', label: 'Catalogue', icon: IconDatabase, action: 'catalog.read' },
  { to: '/gate', label: 'Gate', icon: IconFilter, action: 'catalog.read' },
  { to: '/discovery', label: 'Discovery', icon: IconRadar2, action: 'scans.read' },
  { to: '/record', label: 'Record of processing', icon: IconFileText, action: 'catalog.read' },
  { to: '/privacy-notice', label: 'Privacy notice', icon: IconSpeakerphone, action: 'notice.read' },
  { to: '/privacy', label: 'Customers’ requests', icon: IconInbox, action: 'rights.read' },
  { to: '/policies', label: 'Policies', icon: IconScale, action: 'policies.read' },
  { to: '/roles', label: 'Roles', icon: IconId, action: 'policies.read' },
  { to: '/people', label: 'People', icon: IconUsers, action: 'people.manage' },
  { to: '/keys', label: 'Keys', icon: IconKey, action: 'keys.manage' },
  { to: '/workloads', label: 'Workloads', icon: IconRobot, action: 'keys.manage' },
  { to: '/retention', label: 'Retention', icon: IconTrash, action: 'retention.read' },
  { to: '/fields', label: 'Review of fields', icon: IconForms, action: 'retention.read' },
  { to: '/backups', label: 'Backups', icon: IconDatabaseExport, action: 'backups.read' },
  { to: '/audit', label: 'Audit log', icon: IconListSearch, action: 'audit.read' },
  { to: '/mailbox', label: 'Mailbox', icon: IconMail, action: 'mail.read' },
  { to: '/me', label: 'My sign-in', icon: IconUser, action: null },
] as const;

const isAt = (to: string, pathname: string): boolean =>
  to === '/' ? pathname === '/' || pathname.startsWith('/customers') : pathname === to || pathname.startsWith(`${to}/`);

export function Frame() {
  const session = useSession();
  const [open, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  // a password alone opens nothing but setting up a second factor, which is on one's own page
  const limited = session.data?.mfa === 'none';
  const who = useWhoAmI(session.data !== undefined && session.data !== null && !limited);
  const actions: readonly string[] = who.data?.actions ?? [];
  // whoever may break glass or look at it; that needs a passkey used a moment ago, so it is not among the actions
  const eligibility = useEligibility(actions.some((each) => each.startsWith('grants.')));
  const glass = actions.includes('grants.read') || (eligibility.data?.breakGlass ?? null) !== null;
  const isOpen = ({ to, action }: (typeof PLACES)[number]): boolean => {
    if (limited) return to === '/me';
    return action === null || (action === 'glass' ? glass : actions.includes(action));
  };
  const place = PLACES.find(({ to }) => isAt(to, pathname));
  const main = useArrival(pathname, session.data === null ? 'Sign in' : (place?.label ?? 'Console'));
  if (session.isPending) return <Fetching what="who is signed in" />;
  if (session.isError) return <Problem error={session.error} />;
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
            <Text fw={700}>Strongroom</Text>
          </Group>
          <Group wrap="nowrap" gap="xs">
            <Bell />
            <Scheme />
            <Who name={session.data.name} role={session.data.role} roles={limited ? [] : session.data.roles} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="places">
        {PLACES.filter(isOpen).map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            leftSection={<Icon aria-hidden size={18} />}
            active={isAt(to, pathname)}
            aria-current={pathname === to ? 'page' : undefined}
            onClick={close}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1}>
        {limited && pathname !== '/me' ? <Navigate to="/me" replace /> : <Outlet />}
      </AppShell.Main>
    </AppShell>
  );
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
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark';
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
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="compact-md"
          className="icon-on-phone"
          rightSection={<Badge size="sm">{role}</Badge>}
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
  );
}
