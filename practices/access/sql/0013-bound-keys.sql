-- RFC 8705 §3.1: SHA-256 of the DER of the certificate that a key is bound to; without it the key is worth nothing.
alter table access.keys add column certificate bytea check (octet_length(certificate) = 32);
