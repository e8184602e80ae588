import { failures } from '#platform/failure';

export const configFailure = failures('CONFIG', {
  MALFORMED: {
    status: 500,
    says: 'a setting is malformed',
    hint: 'correct the setting and start again; docs/configuration.md lists them all',
  },
  UNKNOWN: {
    status: 500,
    says: 'a setting is not known',
    hint: 'remove it or correct its spelling; docs/configuration.md lists them all',
  },
  TLS_REQUIRED: {
    status: 500,
    says: 'listening beyond loopback needs TLS',
    hint: 'set STRONGROOM_TLS_CERT and STRONGROOM_TLS_KEY, or listen on 127.0.0.1 behind a proxy on the same machine',
  },
});
