/** The door of the TLS check. */
export { checkTls, OUR_TLS, tlsReportText, type TlsCheck, type TlsPolicy, type TlsReport } from './check-tls.ts';
export type { Target as TlsTarget } from './handshake.ts';
