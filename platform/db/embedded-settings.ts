/**
 * How the embedded PostgreSQL is set: nothing that was answered for is lost, no value of a customer in its log.
 */
export const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  max_connections: '100',

  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // change segments of backups are read from the log; what nobody reads does not fill the disk
  wal_level: 'logical',
  max_slot_wal_keep_size: '2GB',
  max_replication_slots: '40',
  max_wal_size: '1GB',
  wal_compression: 'pglz',
  restart_after_crash: 'on',

  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  huge_pages: 'off',
  jit: 'off',

  // what stands in a statement, or in the DETAIL of its error, may be a customer's value: neither is logged, and
  // "log" as a level leaves out WARNING and ERROR but keeps what the server says about itself
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  logging_collector: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/**
 * `full`: what was answered for survives a crash and a power cut. `loading`: what is written survives once PostgreSQL was
 * stopped in order, and until then nothing is promised: for whoever begins anew after a crash. `throwaway`: for tests.
 */
export type Durability = 'full' | 'loading' | 'throwaway';

export const DURABILITY: Readonly<Record<Durability, Readonly<Record<string, string>>>> = {
  full: {},
  loading: {
    // one that lost a process may have lost what it said was written: it ends, and stays down
    restart_after_crash: 'off',
    // fsync stays on: the last checkpoint, when it is stopped, brings everything to the disk
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '4GB',
    checkpoint_timeout: '1h',
    maintenance_work_mem: '256MB',
    autovacuum: 'off',
  },
  throwaway: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
};

/** Whoever reaches the socket still needs the password. */
export const PG_HBA = 'local all all scram-sha-256\n';
