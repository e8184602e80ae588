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
  LISTEN: {
    status: 500,
    says: 'the address cannot be listened on',
    hint: 'stop the program that listens there, or set STRONGROOM_HOST or STRONGROOM_PORT to another one',
  },
  TLS_REQUIRED: {
    status: 500,
    says: 'listening beyond loopback needs TLS',
    hint: 'set STRONGROOM_TLS_CERT and STRONGROOM_TLS_KEY, or listen on 127.0.0.1 behind a proxy on the same machine',
  },
});
